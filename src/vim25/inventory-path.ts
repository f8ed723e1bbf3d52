// Names and inventory paths as vSphere writes them: `/`, `\` and `%` in a name stand escaped, and only those.

const encoded: Readonly<Record<string, string>> = { '/': '%2f', '\\': '%5c', '%': '%25' }

/**
 * A name as a person reads it. Some clients escape a name that is escaped already (`%252f` for `/`, by the vSphere Client of 6.7),
 * so a name is decoded as often as it can be; a `%` that escapes nothing stays. A name in which somebody wrote an escape as
 * plain text cannot be distinguished from these.
 */
export const unescapeName = (name: string): string =>
  // One pass, however often it is escaped: what an escape stands for is never a part of another one, except for its `%`.
  name.replace(/%(?:(?:25)*(2f|5c)|(?:25)+)/gi, (_, code?: string) =>
    code === undefined ? '%' : code.toLowerCase() === '2f' ? '/' : '\\',
  )

/** Whether two paths name the same, however often their names are escaped. */
export const isSamePath = (a: string, b: string): boolean => {
  const [own, other] = [a, b].map((path) => path.split('/').map(unescapeName))
  return own?.length === other?.length && own?.every((name, index) => name === other?.[index]) === true
}

/** A name as vSphere takes it. */
export const escapeName = (name: string): string =>
  name.replace(/[/\\%]/g, (character) => encoded[character] as string)
