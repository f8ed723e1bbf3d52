// Helpers that inspect JSON responses.

/** Counts the objects in a JSON value. */
export const objectsIn = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce((sum: number, each) => sum + objectsIn(each), Array.isArray(value) ? 0 : 1)

/** Counts the other values in it; `weight` returns how much the values of an object count. */
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

/** The path and the code of every field that is null because of an error, including fields that share an error. */
export const failedFields = (errors: readonly TestError[] | undefined): string[] =>
  (errors ?? [])
    .flatMap(({ path = [], extensions: { code, count = 1, paths = [path] } }) => {
      if ((paths as unknown[]).length !== count) throw new Error('not all paths are in the error')
      return (paths as (string | number)[][]).map((each) => `${each.join('.')}: ${code}`)
    })
    .sort()
