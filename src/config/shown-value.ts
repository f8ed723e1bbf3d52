// What an error shows of a wrong value. It may be a secret that was given to the wrong setting, so it is never shown whole, unless
// it is too short to be one, or a small number.

const isHarmless = (value: string): boolean => value.length <= 4 || /^-?[\d.]{1,6}$/.test(value)

/** `value` in quotes, or its beginning and its length. */
export function shownValue(value: string): string {
  if (isHarmless(value)) return JSON.stringify(value)
  return `${JSON.stringify(`${value.slice(0, 2)}…`)} (${value.length} characters)`
}

/** A flag as it was typed, if it has the form of one; what follows two dashes may be a secret as well. */
export const shownFlag = (rawName: string): string =>
  /^--?[a-z]+(-[a-z]+)*$/.test(rawName) && rawName.length <= 30 ? ` ${rawName}` : ''
