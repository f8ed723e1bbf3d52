// `vsphere-graphql/client`: what clients have to know of the schema, and helpers for live pages. Imports only files of this folder, so
// that a bundle for browsers can contain it.

import * as facts from './schema-facts.ts'

export { createListChangeDetector, type InventoryChangeBatchLike } from './list-change-detector.ts'
export { createListRefresher } from './list-refresher.ts'
export {
  mergePersistedOperations,
  PersistedOperationsError,
  readPersistedOperations,
} from './persisted-operations.ts'
export {
  type ResubscribeOptions,
  resubscribe,
  type SubscriptionResult,
  type SubscriptionSink,
} from './resubscribe.ts'

/** The values of the scalars in responses. */
export interface Scalars {
  /** Opaque. */
  readonly ID: string
  /** An integer below 2^53: bytes, offsets. As an argument it may also be a decimal string. */
  readonly BigInt: number
  /** UTC with milliseconds, such as `2026-01-05T08:00:00.000Z`. `new Date(value)` parses it. */
  readonly DateTime: string
}

/** The option `scalars` of graphql-codegen. */
export const codegenScalars = {
  ID: 'string',
  BigInt: { input: 'number | string', output: 'number' },
  DateTime: 'string',
} satisfies Record<keyof Scalars, string | Readonly<Record<'input' | 'output', string>>>

/** The option `customScalarTypes` of Relay's compiler. */
export const relayScalars = { BigInt: 'number', DateTime: 'string' } satisfies Partial<
  Record<keyof Scalars, string>
>

/** The object types of each interface: the option `possibleTypes` of Apollo's InMemoryCache. */
export const possibleTypes: Record<keyof typeof facts.possibleTypes, string[]> = {
  ManagedEntity: [...facts.possibleTypes.ManagedEntity],
  Node: [...facts.possibleTypes.Node],
}

/** A name of an object type that has no id. Its objects belong to the object that has the field. */
export type TypeWithoutId = (typeof facts.typesWithoutId)[number]

const forTypesWithoutId = <T>(value: T): Record<TypeWithoutId, T> =>
  Object.fromEntries(facts.typesWithoutId.map((name) => [name, value])) as Record<TypeWithoutId, T>

/** The option `keys` of urql's graphcache: without it, graphcache warns of each object without an id. */
export const graphcacheKeys: Record<TypeWithoutId, () => null> = forTypesWithoutId(() => null)

/**
 * The option `typePolicies` of Apollo's InMemoryCache for the types without an id. Two queries that select different fields of such an
 * object keep both; by default, Apollo discards those of the first and warns.
 */
export const apolloTypePolicies: Record<TypeWithoutId, { merge: true }> = forTypesWithoutId({ merge: true })

/**
 * The arguments of each connection that select the list, by type and field. Arguments of Apollo's `relayStylePagination`:
 * `relayStylePagination(connectionKeyArguments.Query.virtualMachines)`.
 */
export const connectionKeyArguments = facts.connectionKeyArguments
