// Tests the descriptions of the types that are derived from fields: whole sentences that distinguish the values of an enum.

import { isEnumType, isInputObjectType, isObjectType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../../../src/schema/schema.ts'

const derived = Object.values(buildSchema().getTypeMap()).filter(({ name }) =>
  /(?:Filter|Order|OrderField|GroupBy|GroupKey|Group|Aggregate)$/.test(name),
)

describe('descriptions', () => {
  it('of derived types, fields and values are sentences', () => {
    const described = derived.flatMap((type) => [
      [type.name, type.description],
      ...(isEnumType(type)
        ? type.getValues().map((value) => [`${type.name}.${value.name}`, value.description])
        : isInputObjectType(type) || isObjectType(type)
          ? Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field.description])
          : []),
    ])
    expect(described.length).toBeGreaterThan(500)
    expect(described.filter(([, text]) => !/^["`\p{Lu}].{8,}\.$/su.test(text ?? ''))).toEqual([])
  })

  it('distinguish the values of each enum of sort keys and group keys', () => {
    for (const type of derived.filter(isEnumType)) {
      const descriptions = type.getValues().map(({ description }) => description)
      expect([type.name, new Set(descriptions).size]).toEqual([type.name, descriptions.length])
    }
  })
})
