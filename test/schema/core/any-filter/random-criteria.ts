// Random filters and orders: every field and operator of the schema, with operands from the inventory.

import type { Random } from '../../../../src/simulator/random.ts'
import { enumValues, type FilterField, fieldsOf, orderKeysOf } from './filterable-schema.ts'
import type { ObjectGraph } from './object-graph.ts'
import type { Filter, OrderKey } from './reference-filter.ts'

type Samples = ObjectGraph['samples']

/** The depth at which filters still lead to other objects. */
const maxDepth = 3

export class RandomCriteria {
  readonly #random: Random
  readonly #samples: Samples

  constructor(random: Random, samples: Samples) {
    this.#random = random
    this.#samples = samples
  }

  filter(typeName: string, depth = 0): Filter {
    const { integer } = this.#random
    const kind = integer(10)
    const below = () => this.filter(typeName, depth + 1)
    if (depth < maxDepth && kind === 0) return { or: this.#some(integer(3), below) }
    if (depth < maxDepth && kind === 1) return { and: this.#some(integer(3), below) }
    if (depth < maxDepth && kind === 2) return { not: below() }
    if (depth < maxDepth && kind === 3) return { ...below(), not: below() }
    const count = this.#pick([0, 1, 1, 1, 1, 2, 2, 3])
    return Object.fromEntries(
      this.#some(count, () => this.#pick(fieldsOf(typeName))).map((field) => [
        field.name,
        integer(30) === 0 ? null : this.#condition(typeName, field, depth + 1),
      ]),
    )
  }

  order(typeName: string): OrderKey[] {
    const names = new Set(
      this.#some(this.#pick([0, 1, 1, 2, 3]), () => this.#pick([...orderKeysOf(typeName).keys()])),
    )
    return [...names].map((field) => ({ field, direction: this.#pick(['ASC', 'DESC', undefined]) }))
  }

  #condition(owner: string, field: FilterField, depth: number): Filter {
    const item = () => (field.kind === 'leaf' ? this.#operators(owner, field) : this.#below(field, depth))
    if (!field.isList) return item()
    const quantifiers = ['some', 'every', 'none']
    return Object.fromEntries(this.#some(this.#pick([1, 1, 1, 2]), () => [this.#pick(quantifiers), item()]))
  }

  #below({ typeName }: FilterField, depth: number): Filter {
    return depth > maxDepth || this.#random.integer(5) === 0 ? {} : this.filter(typeName, depth)
  }

  #operators(owner: string, field: FilterField): Filter {
    const names = field.isList ? operatorsOfList : field.operators
    return Object.fromEntries(
      this.#some(this.#pick([0, 1, 1, 1, 1, 1, 1, 2]), () => {
        const operator = this.#pick(names)
        return [operator, this.#operand(operator, owner, field)]
      }),
    )
  }

  #operand(operator: string, owner: string, field: FilterField): unknown {
    const { integer } = this.#random
    const value = () => this.#value(owner, field)
    if (operator === 'isNull') return integer(2) === 0
    if (operator === 'in' || operator === 'notIn') return this.#some(integer(4), value)
    if (!['contains', 'startsWith', 'endsWith', 'glob'].includes(operator)) return value()
    const text = String(value())
    const from = integer(text.length + 1)
    const part = text.slice(
      operator === 'startsWith' ? 0 : from,
      operator === 'endsWith' ? undefined : from + 3,
    )
    const cased = this.#pick([part, part.toUpperCase(), part.toLowerCase()])
    if (operator !== 'glob') return cased
    const escaped = cased.replace(/[*?[\]\\]/g, '\\$&')
    return this.#pick([
      `*${escaped}*`,
      `${escaped}*`,
      `*${escaped}`,
      `?${escaped}*`,
      '*',
      '[a-m]*',
      '[!a-m]*',
      escaped,
    ])
  }

  /** Returns a value of the field, or one close to it. */
  #value(owner: string, { name, typeName }: FilterField): unknown {
    const { integer } = this.#random
    const values = this.#samples.get(`${owner}.${name}`) ?? []
    const names = enumValues(typeName)
    if (names) return this.#pick(names)
    if (typeName === 'Boolean') return integer(2) === 0
    if (values.length === 0) return defaults[typeName]
    const value = this.#pick(values)
    const change = integer(6)
    if (typeof value === 'number' && typeName !== 'Float')
      return value + (change === 0 ? 1 : change === 1 ? -1 : 0)
    if (typeName === 'String' && change === 0) return (value as string).toUpperCase()
    return value
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(items.length)] as T
  }

  #some<T>(count: number, create: () => T): T[] {
    return Array.from({ length: count }, create)
  }
}

const operatorsOfList = ['eq', 'ne', 'in', 'notIn', 'contains', 'startsWith', 'endsWith', 'glob', 'isNull']

/** Operands for fields without a value in the inventory. */
const defaults: Readonly<Record<string, unknown>> = {
  String: 'absent',
  Int: 1,
  BigInt: 1,
  Float: 0.5,
  DateTime: '2026-01-01T00:00:00.000Z',
}
