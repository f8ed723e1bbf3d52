// Reports each cause once. An unreadable object, such as the datacenter of thousands of virtual machines, fails every field that
// needs it. Only the first of these fields gets an error, which counts the others; the other fields are null.

import { type GraphQLResolveInfo, isNonNullType, responsePathAsArray } from 'graphql'
import { causeOf } from '../../planner/managed-object.ts'

/** The fields that are null because of one cause. */
interface Repeats {
  readonly count: number
  /** The paths of the first fields, including that of the error itself. */
  readonly paths: readonly (readonly (string | number)[])[]
}

/** Causes of errors that are not those of an unreadable property. */
const sharedCauses = new WeakMap<object, string>()

/** Marks an error that fails several fields for one reason, so that it is reported once. */
export const shareCause = (error: object, cause: string): void => void sharedCauses.set(error, cause)

const maxPaths = 10

const repeats = new WeakMap<object, Repeats>()

/** Returns the repeats of an error; undefined if no other field failed with the same cause. */
export function repeatsOf(error: unknown): Repeats | undefined {
  const found = typeof error === 'object' && error !== null ? repeats.get(error) : undefined
  return found && found.count > 1 ? found : undefined
}

/** The causes of the errors in one response. */
export class RepeatedErrors {
  readonly #first = new Map<string, object>()

  /**
   * Records a failed field. Returns true if the response already has an error with this cause and the field is nullable: the field
   * is counted in that error and needs none of its own.
   */
  take(error: Error, info: GraphQLResolveInfo): boolean {
    const cause = causeOf(error) ?? sharedCauses.get(error)
    if (cause === undefined) return false
    const first = this.#first.get(cause)
    const path = responsePathAsArray(info.path)
    if (!first) {
      this.#first.set(cause, error)
      repeats.set(error, { count: 1, paths: [path] })
      return false
    }
    // A non-null field that fails nulls its parent, which must not happen without an error.
    if (isNonNullType(info.returnType)) return false
    const { count, paths } = repeats.get(first) as Repeats
    repeats.set(first, { count: count + 1, paths: paths.length < maxPaths ? [...paths, path] : paths })
    return true
  }
}
