// Shortens an invalid value for an error message. It may be a secret that was given to the wrong setting, so
// it is never shown in full, unless it is too short for a secret, or a small number.

const isHarmless = (value: string): boolean => value.length <= 4 || /^-?[\d.]{1,6}$/.test(value)

/** Returns `value` in quotes, or its beginning and its length. */
export function maskValue(value: string): string {
  if (isHarmless(value)) return JSON.stringify(value)
  return `${JSON.stringify(`${value.slice(0, 2)}…`)} (${value.length} characters)`
}

/**
 * Returns a flag as typed if it has the form of one; otherwise the text after the dashes may be a secret too.
 */
export const maskFlag = (rawName: string): string =>
  /^--?[a-z]+(-[a-z]+)*$/.test(rawName) && rawName.length <= 30 ? ` ${rawName}` : ''
