// What failed, and what to do. Errors may come beside data.

export interface GatewayError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

export function ErrorList({ errors }: { errors: readonly GatewayError[] }) {
  const different = new Map(errors.map((error) => [error.message, error]))
  return [...different.values()].map(({ message, extensions: { code, remedy } = {} }) => (
    <p role="alert" key={message}>
      {code ? `${code}: ` : ''}
      {message} {remedy ? String(remedy) : ''}
    </p>
  ))
}
