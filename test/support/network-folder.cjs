// Loaded before wsctl by `node --require`: has Linux say that the folder which NETWORK_FOLDER names is on another machine.
const fs = require('node:fs')

const { readFileSync } = fs
fs.readFileSync = (path, ...rest) => {
  const text = readFileSync(path, ...rest)
  if (path !== '/proc/self/mountinfo') return text
  return `${text}999 1 0:99 / ${process.env.NETWORK_FOLDER} rw - nfs4 server:/ rw\n`
}
