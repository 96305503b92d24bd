/** An answer of the sandbox, before it is put on the wire. */
export interface SandboxAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: object
}

export function ok(body: object): SandboxAnswer {
  return { status: 200, body }
}

/** The shorter of the server's two error shapes (contract of the admin API, fact 10). */
export function detail(status: number, message: string, headers?: Readonly<Record<string, string>>): SandboxAnswer {
  return { status, body: { detail: message }, ...(headers && { headers }) }
}

/** A time as the server writes it: without a zone. */
export function timestamp(date: Date): string {
  return date.toISOString().slice(0, -1)
}

export interface RequestLine {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
}

export function notFound({ method, path }: RequestLine): SandboxAnswer {
  return {
    status: 404,
    body: {
      message: `The requested path '${path}' was not found`,
      error_code: 'NOT_FOUND',
      details: { path, method },
      suggestions: [
        'Check that the URL is correct',
        'Verify the API endpoint exists in the documentation',
        "Ensure you're using the correct HTTP method",
        'Visit /docs for API documentation (if available)',
      ],
      timestamp: timestamp(new Date()),
      path,
      method,
    },
  }
}

export interface ValidationProblem {
  readonly field: string
  readonly message: string
  readonly type: string
  readonly input: unknown
}

export function invalid({ method, path }: RequestLine, problems: readonly ValidationProblem[]): SandboxAnswer {
  const errors = problems.map((problem) => ({
    ...problem,
    message: `The field '${problem.field}': ${problem.message}`,
  }))
  return {
    status: 422,
    body: {
      message: errors[0]?.message ?? 'Invalid',
      error_code: 'VALIDATION_ERROR',
      details: { validation_errors: errors },
      suggestions: [],
      timestamp: timestamp(new Date()),
      path,
      method,
    },
  }
}
