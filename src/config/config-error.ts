// The error for an invalid or missing setting: one line for the operator, without secrets.

export class ConfigError extends Error {
  override name = 'ConfigError' as const
  readonly code = 'CONFIG'
}
