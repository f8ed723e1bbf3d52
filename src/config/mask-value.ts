// Shortens an invalid value for an error message. It may be a secret that was given to the wrong setting, so it is shown in full
// only if it has the form of a small number, a host name or a URL, or is too short for a secret.

const harmlessForms = [
  /^-?[\d.]{1,6}$/,
  // A host name or address with a domain or a port, with or without a scheme, and a path without digits. `user:password@` is none of
  // these.
  /^(https?:\/\/)?([a-z\d-]+(\.[a-z\d-]+)+|[a-z\d-]+(\.[a-z\d-]+)*:\d{1,5})(\/[a-z/-]*)?$/,
  /^https?:\/\/[a-z-]+(\/[a-z/-]*)?$/,
]
const maxLength = 60

/** Whether the value can be shown in full. */
export const isHarmless = (value: string): boolean =>
  value.length <= 4 || (value.length <= maxLength && harmlessForms.some((form) => form.test(value)))

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
