// Checks the two page sizes together.

import { ConfigError } from './config-error.ts'

interface PageSizes {
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
}

/**
 * Returns the page sizes. A default size that was not set is at most the maximum.
 * @param isDefaultSet whether the default size was set explicitly
 * @param names the names of both settings for error messages
 * @throws ConfigError if the default size was set and exceeds the maximum
 */
export function checkPageSizes(
  { pageSizeDefault, pageSizeMax }: PageSizes,
  isDefaultSet: boolean,
  names: Record<keyof PageSizes, string>,
): PageSizes {
  if (isDefaultSet && pageSizeDefault > pageSizeMax)
    throw new ConfigError(
      `${names.pageSizeDefault} must not exceed ${names.pageSizeMax}, which is ${pageSizeMax}`,
    )
  return { pageSizeDefault: Math.min(pageSizeDefault, pageSizeMax), pageSizeMax }
}
