// What filters, orders, groups and statistics of each type can use: its fields, and the paths that lead to values. The plugin fills the
// registry when the schema is built.

import type { PlanNode } from '../../../planner/plan-node.ts'
import type { Context } from '../../context.ts'
import type { DerivedField } from './derived-field.ts'
import type { StatisticUnit } from './marks.ts'

/** A sequence of fields from an object to a value, such as `guest`, `hostName`. */
export class FieldPath {
  readonly #fields: readonly DerivedField[]

  constructor(...fields: readonly DerivedField[]) {
    this.#fields = fields
  }

  get last(): DerivedField {
    return this.#fields.at(-1) as DerivedField
  }

  /** The name of a key: `guestHostName`. */
  get name(): string {
    const [first = '', ...others] = this.#fields.map(({ name }) => name)
    return first + others.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`).join('')
  }

  /** That of the last field, or of the object whose name it is: "The name of `host`: the host that it is registered on." */
  get description(): string {
    const [first] = this.#fields
    const { name, description } = this.last
    if (!first || first === this.last || first.marks.flat || name !== 'name') return description
    return `The name of \`${first.name}\`: ${first.description.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}`
  }

  /** Adds what the fields need to the plan node of an object, and returns the position of the last field's selection. */
  plan(position: PlanNode, context: Context): PlanNode {
    return this.#fields.reduce((node, field) => field.plan(node, context), position)
  }

  /**
   * Returns the value of an object; null if it is unset.
   *
   * @throws VimFaultError or SoapError if the value cannot be read
   */
  value(object: object, context: Context): unknown {
    let value: unknown = object
    for (const field of this.#fields) {
      value = field.value(value as object, context)
      if (value === null || value === undefined) return null
    }
    return value
  }
}

/** A path whose values are sorted, and how. */
export interface SortPath {
  readonly path: FieldPath
  readonly keyType: 'string' | 'number'
  /** Converts a value to a sort key. */
  readonly keyOf: (value: unknown) => string | number
}

/** A type that filters exist for. */
export class DerivedType {
  readonly name: string
  readonly fields: ReadonlyMap<string, DerivedField>
  /** By the name of the enum value, such as `GUEST_HOST_NAME`. */
  readonly sortPaths = new Map<string, SortPath>()
  /** By the name of the field of the group key, such as `guestFullName`. */
  readonly groupPaths = new Map<string, FieldPath>()
  readonly statistics = new Map<string, { readonly path: FieldPath; readonly unit: StatisticUnit }>()

  constructor(name: string, fields: readonly DerivedField[]) {
    this.name = name
    this.fields = new Map(fields.map((field) => [field.name, field]))
  }

  field(name: string): DerivedField {
    const field = this.fields.get(name)
    if (!field) throw new Error(`${this.name} has no field ${name} to filter by`)
    return field
  }
}

const types = new Map<string, DerivedType>()

/** Returns the registered type. */
export function derivedType(name: string): DerivedType {
  const type = types.get(name)
  if (!type) throw new Error(`no filter is declared for ${name}`)
  return type
}

export function registerDerivedType(type: DerivedType): void {
  types.set(type.name, type)
}

export const isDerivedType = (name: string): boolean => types.has(name)

/** Converts camelCase to the name of an enum value: `guestHostName` to `GUEST_HOST_NAME`, and `vAppName` to `VAPP_NAME`. */
export const constantCase = (name: string): string =>
  name.replace(/(?<=..)[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
