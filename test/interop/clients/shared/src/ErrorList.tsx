// What failed, and what to do. Errors may come beside data.

export interface GatewayError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

export function ErrorList({ errors }: { errors: readonly GatewayError[] }) {
  const different = new Map(errors.map((error) => [error.message, error]))
  return [...different.values()].map(({ message, extensions: { code, remedy } = {} }) => (
    <div role="alert" key={message}>
      <p>
        {code ? `${code}: ` : ''}
        {message}
      </p>
      {remedy ? <p>{String(remedy)}</p> : null}
    </div>
  ))
}
