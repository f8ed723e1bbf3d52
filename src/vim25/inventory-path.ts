// Escapes and unescapes the names of vSphere objects and compares inventory paths. vSphere escapes `/`, `\` and `%` in names,
// and no other characters.

const encoded: Readonly<Record<string, string>> = { '/': '%2f', '\\': '%5c', '%': '%25' }

/**
 * Unescapes a name for display. Some clients escape a name that is already escaped (the vSphere Client 6.7 writes `%252f` for
 * `/`), so all levels of escaping are removed. A `%` that is not part of an escape is kept. A name that contains an escape as
 * literal text cannot be distinguished from an escaped name.
 */
export const unescapeName = (name: string): string =>
  // Nearly all names have no escape, and searching one character takes less time than matching an expression.
  !name.includes('%') ? name : unescapeAll(name)

const unescapeAll = (name: string): string =>
  // One pass is enough for any number of levels: an unescaped character is never part of another escape, except a `%`.
  name.replace(/%(?:(?:25)*(2f|5c)|(?:25)+)/gi, (_, code?: string) =>
    code === undefined ? '%' : code.toLowerCase() === '2f' ? '/' : '\\',
  )

/** Whether two inventory paths are equal, regardless of how many times their names are escaped. */
export const isSamePath = (a: string, b: string): boolean => {
  const [own, other] = [a, b].map((path) => path.split('/').map(unescapeName))
  return own?.length === other?.length && own?.every((name, index) => name === other?.[index]) === true
}

/** Escapes a name for use in a vSphere call. */
export const escapeName = (name: string): string =>
  name.replace(/[/\\%]/g, (character) => encoded[character] as string)
