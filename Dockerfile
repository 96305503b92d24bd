FROM node:20-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json oclif.manifest.json ./
COPY .ci ./.ci
COPY src ./src
RUN npm run build

FROM node:20-slim
ENV NODE_ENV=production WSCTL_STATE_DIR=/var/lib/wsctl
WORKDIR /opt/wsctl
COPY package.json oclif.manifest.json ./
COPY bin ./bin
COPY docs/schemas ./docs/schemas
COPY --from=build /src/dist ./dist
RUN ln -s /opt/wsctl/bin/run.js /usr/local/bin/wsctl \
  && install -d -o node -g node -m 0700 /var/lib/wsctl /work
# By number, so that Kubernetes can tell that it is not root.
USER 1000:1000
WORKDIR /work
VOLUME /var/lib/wsctl
ENTRYPOINT ["wsctl"]
CMD ["--help"]
