// A setting that is wrong or missing: one line for the person who set it, never with a secret in it.

export class ConfigError extends Error {
  override name = 'ConfigError' as const
  readonly code = 'CONFIG'
}
