// The types that have connections, and the input types of their arguments, which connections refer to before the plugin fills them.

import { ImplementableInputObjectRef, type SchemaTypes } from '@pothos/core'

import type { OrderInput } from './order.ts'
import type { FilterInput } from './three-valued.ts'

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>

/** A type with a connection. */
export interface ConnectionType {
  readonly typeName: string
  /** The type's name in descriptions, in the singular. */
  readonly label: string
  /** The sort key of connections without `orderBy`, and its direction. */
  readonly defaultOrder: OrderInput
  /** Whether its connections have aggregates and groups. */
  readonly hasStatistics: boolean
}

const connectionTypes = new Map<string, ConnectionType>()

export function registerConnectionType(type: ConnectionType): void {
  connectionTypes.set(type.typeName, type)
}

export const allConnectionTypes = (): readonly ConnectionType[] => [...connectionTypes.values()]

/** Returns the registered type; undefined if it has no connection, as the parts of objects. */
export const connectionTypeOf = (typeName: string): ConnectionType | undefined =>
  connectionTypes.get(typeName)

const inputRefs = new Map<string, unknown>()

type InputRef<T extends object> = ImplementableInputObjectRef<SchemaTypes, T>

function inputRef<T extends object>(builder: unknown, name: string): InputRef<T> {
  const ref = inputRefs.get(name) ?? new ImplementableInputObjectRef(builder as Builder, name)
  inputRefs.set(name, ref)
  return ref as InputRef<T>
}

/** The input type of the conditions on a type. */
export const filterInput = (builder: unknown, typeName: string): InputRef<FilterInput> =>
  inputRef(builder, `${typeName}Filter`)

/** The input type of one sort key of a type. */
export const orderInput = (builder: unknown, typeName: string): InputRef<OrderInput> =>
  inputRef(builder, `${typeName}Order`)
