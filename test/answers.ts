// Looking at answers as JSON.

/** How many objects there are in a JSON value. */
export const objectsIn = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce((sum: number, each) => sum + objectsIn(each), Array.isArray(value) ? 0 : 1)
