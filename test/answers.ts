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
