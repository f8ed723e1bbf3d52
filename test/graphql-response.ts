// Looking at answers as JSON.

/** How many objects there are in a JSON value. */
export const objectsIn = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce((sum: number, each) => sum + objectsIn(each), Array.isArray(value) ? 0 : 1)

/** How many other values there are in it; `weight` tells as how many those of an object count. */
export const valuesIn = (
  value: unknown,
  weight: (object: Readonly<Record<string, unknown>>) => number = () => 1,
  each = 1,
): number => {
  if (typeof value !== 'object' || value === null) return each
  const own = Array.isArray(value) ? each : weight(value as Record<string, unknown>)
  return Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner, weight, own), 0)
}

interface TestError {
  readonly path?: readonly (string | number)[] | undefined
  readonly extensions: Record<string, unknown>
}

/** The path and the code of every field that is null because of an error, of those too that share an error with others. */
export const failedFields = (errors: readonly TestError[] | undefined): string[] =>
  (errors ?? [])
    .flatMap(({ path = [], extensions: { code, count = 1, paths = [path] } }) => {
      if ((paths as unknown[]).length !== count) throw new Error('not all paths are in the error')
      return (paths as (string | number)[][]).map((each) => `${each.join('.')}: ${code}`)
    })
    .sort()
