// Creates the input types of filters: the operators of scalars and enums, and the conditions on each type and on lists of it.

import type { SchemaTypes } from '@pothos/core'
import { pluralOf } from '../../../../text/plural.ts'
import { connectionTypeOf, filterInput } from '../connection-registry.ts'
import type { DerivedField } from '../derived-field.ts'
import type { DerivedType } from '../derived-types.ts'
import { enumOperators, operatorOf, scalarOperators } from '../operators.ts'

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>
type FieldsBuilder = Parameters<Parameters<Builder['inputType']>[1]['fields']>[0]
type InputField = ReturnType<FieldsBuilder['field']>

const withArticle = (label: string): string => `${/^[aeiou]/.test(label) ? 'an' : 'a'} ${label}`

export class FilterInputs {
  readonly #builder: Builder
  readonly #derive: (typeName: string) => DerivedType
  readonly #created = new Set<string>()

  /** @param derive - returns the fields of a type */
  constructor(builder: Builder, derive: (typeName: string) => DerivedType) {
    this.#builder = builder
    this.#derive = derive
  }

  /** Creates the filter of a type, and all input types that it refers to. */
  add(typeName: string): unknown {
    const input = filterInput(this.#builder, typeName)
    if (!this.#isNew(`${typeName}Filter`)) return input
    const type = this.#derive(typeName)
    // Before the fields, which can lead back to this type.
    const fields = [...type.fields.values()].map((field) => [field, this.#inputOf(field)] as const)
    this.#builder.inputType(input, {
      description: `Conditions on ${this.#subjectOf(typeName)}. All of them must hold.`,
      fields: (t: FieldsBuilder) => ({
        and: t.field({ type: [input], description: 'All of these must hold. An empty list always holds.' }),
        or: t.field({
          type: [input],
          description: 'At least one of these must hold. An empty list never holds.',
        }),
        not: t.field({
          type: input,
          description:
            'These must not hold. If a value that decides on them cannot be read, `not` does not hold either.',
        }),
        ...Object.fromEntries(
          fields.map(([field, fieldType]) => [
            field.name,
            t.field({ type: fieldType as never, description: conditionDescription(field) }),
          ]),
        ),
      }),
    } as never)
    return input
  }

  /** What a filter has conditions on, in its description. */
  #subjectOf(typeName: string): string {
    const label = connectionTypeOf(typeName)?.label
    if (label) return withArticle(label)
    const isInterface = this.#builder.configStore.getTypeConfig(typeName).kind === 'Interface'
    return isInterface ? 'an object of any inventory type' : `the fields of ${typeName}`
  }

  #isNew(name: string): boolean {
    if (this.#created.has(name)) return false
    this.#created.add(name)
    return true
  }

  #inputOf(field: DerivedField): unknown {
    const { typeName, shape } = field
    if (shape === 'leaf') return this.#operators(typeName)
    if (shape === 'leaves') return this.#quantifiers(typeName, () => this.#operators(typeName))
    if (shape === 'object') return this.add(typeName)
    return this.#quantifiers(typeName, () => this.add(typeName))
  }

  /** Creates the operators of a scalar or enum. */
  #operators(typeName: string): unknown {
    const input = filterInput(this.#builder, typeName)
    if (!this.#isNew(`${typeName}Filter`)) return input
    const operators = scalarOperators[typeName]
    this.#builder.inputType(input, {
      description: operators
        ? (scalarDescriptions[typeName] as string)
        : `Conditions on a value of ${typeName}. All of them must hold.`,
      fields: (t: FieldsBuilder) =>
        Object.fromEntries(
          (operators ?? enumOperators).map((operator) => {
            const { description, operand } = operatorOf(operator)
            const type = operand === 'Boolean' ? 'Boolean' : operand === 'list' ? [typeName] : typeName
            return [operator, t.field({ type: type as never, description })]
          }),
        ),
    } as never)
    return input
  }

  /** Creates the conditions on a list. */
  #quantifiers(typeName: string, createItem: () => unknown): unknown {
    const input = filterInput(this.#builder, `${typeName}List`)
    if (!this.#isNew(`${typeName}ListFilter`)) return input
    const item = createItem()
    this.#builder.inputType(input, {
      description: `Conditions on a list of ${itemsLabel(typeName)}. All of them must hold; \`{}\` sets none. For an empty list use \`none: {}\`.`,
      fields: (t: FieldsBuilder): Record<string, InputField> => ({
        some: t.field({
          type: item as never,
          description: 'At least one item meets these conditions. `{}` requires that the list is not empty.',
        }),
        every: t.field({
          type: item as never,
          description: 'All items meet these conditions, or the list is empty.',
        }),
        none: t.field({
          type: item as never,
          description: 'No item meets these conditions. `{}` requires that the list is empty.',
        }),
      }),
    } as never)
    return input
  }
}

const scalarDescriptions: Readonly<Record<string, string>> = {
  String:
    'Conditions on a text. eq, ne, in and notIn are exact; the others ignore case. All of them must hold.',
  Int: 'Conditions on an integer. All of them must hold.',
  BigInt: 'Conditions on a 64-bit integer. All of them must hold.',
  Float: 'Conditions on a fraction. All of them must hold.',
  DateTime: 'Conditions on a point in time. All of them must hold.',
  Boolean: 'Conditions on a Boolean. An unset value is neither true nor false: `ne: true` also matches it.',
  ID: 'Conditions on a global id.',
}

/**
 * The description of a condition is that of the field, without its arguments, which a condition does not have, and with a note
 * for objects, which may not exist.
 */
const conditionDescription = ({ description, shape }: DerivedField): string =>
  shape === 'object'
    ? `${description} The conditions hold only if it exists; \`{}\` holds whenever it does.`
    : description.replace(aboutArguments, '')

/** The parts of descriptions that are about arguments of the field. */
const aboutArguments = /, or with `recursive` at any depth|, depth first unless `orderBy` says otherwise/

/** The items of a list in descriptions. Not every name of a type has a plural. */
function itemsLabel(typeName: string): string {
  if (typeName === 'String') return 'strings'
  const label = connectionTypeOf(typeName)?.label
  return label ? pluralOf(label) : `objects of the type ${typeName}`
}
