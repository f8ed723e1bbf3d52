// The Pothos schema builder. Each type declares its backing model in its own file, by augmenting EntityTypes or ObjectTypes, so that
// types can refer to each other by name without importing each other; schema.ts imports them all.

import './mutations/audit.ts'
import './core/vim-property.ts'
import './cost/cost-counter.ts'
import './core/criteria/types/plugin.ts'
import SchemaBuilder from '@pothos/core'
import type { Page, PageItem } from '../planner/connections/page.ts'
import type { ManagedObject } from '../planner/managed-object.ts'
import type { Context } from './context.ts'

/** @public Augmented by the inventory types that have connections. The keys are also the names of their vim25 types. */
// biome-ignore lint/suspicious/noEmptyInterface: each type adds itself in its own file.
export interface EntityTypes {}

/** @public Augmented by all other types that several files refer to: the backing model of each, by its GraphQL name. */
// biome-ignore lint/suspicious/noEmptyInterface: each type adds itself in its own file.
export interface ObjectTypes {}

/** The inventory types that have connections. An object of a vim25 subclass has the GraphQL type of its base class. */
export type EntityType = keyof EntityTypes

/** The types that have connections. */
export type ConnectedType = EntityType | 'Snapshot' | 'Tag' | 'TagCategory' | 'TriggeredAlarm'

type Entities = { [N in EntityType]: ManagedObject<N> } & { [N in `${ConnectedType}Connection`]: Page } & {
  [N in `${ConnectedType}Edge`]: PageItem
}

export interface SchemaTypes {
  Context: Context
  Scalars: {
    ID: { Input: string; Output: string }
    BigInt: { Input: number; Output: number | bigint }
    DateTime: { Input: Date; Output: Date }
  }
  Interfaces: { Node: object; ManagedEntity: ManagedObject<EntityType> }
  Objects: Entities & ObjectTypes
}

/** Fields are nullable by default. Null means that vSphere did not report a value. */
export const builder = new SchemaBuilder<SchemaTypes>({ plugins: ['costCounter', 'audit', 'criteria'] })
