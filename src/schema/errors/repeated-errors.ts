// One cause, one error: an object that may not be read, such as the datacenter above thousands of virtual machines, fails
// every field that needs it. The first of these fields has the error, which counts the others; they are null.

import { type GraphQLResolveInfo, isNonNullType, responsePathAsArray } from 'graphql'
import { causeOf } from '../../planner/managed-object.ts'

/** The fields that are null because of one error. */
interface Repeats {
  readonly count: number
  /** The first of their paths, that of the error itself among them. */
  readonly paths: readonly (readonly (string | number)[])[]
}

const maxPaths = 10

const repeats = new WeakMap<object, Repeats>()

/** Undefined for an error that no other field failed with. */
export function repeatsOf(error: unknown): Repeats | undefined {
  const found = typeof error === 'object' && error !== null ? repeats.get(error) : undefined
  return found && found.count > 1 ? found : undefined
}

/** The causes of the errors in one answer. */
export class RepeatedErrors {
  readonly #first = new Map<string, object>()

  /** Whether the answer has an error of this cause already, and the field can be null: it is then counted there, and needs none of its own. */
  take(error: Error, info: GraphQLResolveInfo): boolean {
    const cause = causeOf(error)
    if (cause === undefined) return false
    const first = this.#first.get(cause)
    const path = responsePathAsArray(info.path)
    if (!first) {
      this.#first.set(cause, error)
      repeats.set(error, { count: 1, paths: [path] })
      return false
    }
    // An error that is null where the schema has no null nulls what is around it: that must not happen without a word.
    if (isNonNullType(info.returnType)) return false
    const { count, paths } = repeats.get(first) as Repeats
    repeats.set(first, { count: count + 1, paths: paths.length < maxPaths ? [...paths, path] : paths })
    return true
  }
}
