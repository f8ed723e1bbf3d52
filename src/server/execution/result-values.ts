// The kinds of values that resolvers return: promises, lists and scalars.

import { GraphQLError, type GraphQLLeafType } from 'graphql'

/** Continues with a value: immediately, unless it is a promise. */
export function after<T, U>(value: T | PromiseLike<T>, next: (value: T) => U | Promise<U>): U | Promise<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof (value as PromiseLike<T> | null | undefined)?.then === 'function'

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function'

export const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'

/**
 * Converts a value to one that JSON can represent.
 * @throws Error if the type does not accept the value
 */
export function serialize(type: GraphQLLeafType, value: unknown): unknown {
  let serialized: unknown
  try {
    serialized = type.serialize(value)
  } catch (error) {
    // Only errors of resolvers keep their extensions.
    throw error instanceof GraphQLError ? new Error(error.message) : error
  }
  if (serialized === null || serialized === undefined)
    throw new Error(`A value cannot be represented as ${type.name}.`)
  return serialized
}
