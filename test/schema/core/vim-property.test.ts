// t.vimProperty: the declaration is data in the field's extensions, and the compiler checks the path, the fallback and the value.

import { isObjectType } from 'graphql'
import { expect, it } from 'vitest'
import { builder } from '../../../src/schema/builder.ts'
import { vimPropertyOf } from '../../../src/schema/core/vim-property.ts'
import { buildSchema } from '../../../src/schema/schema.ts'

const fieldOf = (type: string, field: string) => {
  const object = buildSchema().getType(type)
  if (!isObjectType(object)) throw new TypeError(`${type} is not an object type`)
  return object.getFields()[field] ?? {}
}

it('keeps the declaration of a field as data', () => {
  expect(vimPropertyOf(fieldOf('VirtualMachine', 'uuid'))).toMatchObject({
    path: 'config.uuid',
    fallback: 'summary.config.uuid',
  })
  expect(vimPropertyOf(fieldOf('ComputeResource', 'drsEnabled'))).toMatchObject({
    path: 'configuration.drsConfig.enabled',
    subtype: 'ClusterComputeResource',
  })
  expect(vimPropertyOf(fieldOf('VirtualMachine', 'memory'))?.decode?.(2 as never)).toBe(2 * 1024 * 1024)
  expect(vimPropertyOf(fieldOf('VirtualMachine', 'host'))).toBeUndefined()
})

it('rejects paths and values at compile time', () => {
  // Only the compiler reads these declarations.
  const declare = () => {
    const type = 'String'
    const description = ''
    builder.objectFields('HostSystem', (t) => ({
      correct: t.vimProperty('summary.hardware.uuid', { type, description }),
      decoded: t.vimProperty('summary.hardware.uuid', { type: 'Int', description, decode: Number }),
      // @ts-expect-error the type does not declare the path
      path: t.vimProperty('summary.nonsense', { type, description }),
      // @ts-expect-error the type does not declare the fallback
      fallback: t.vimProperty('summary.hardware.uuid', { type, description, fallback: 'summary.nonsense' }),
      // @ts-expect-error a string is not an Int, so `decode` is required
      value: t.vimProperty('summary.hardware.uuid', { type: 'Int', description }),
      // @ts-expect-error `decode` returns a number
      decode: t.vimProperty('summary.hardware.uuid', { type, description, decode: ({ length }) => length }),
    }))
    builder.objectFields('PageInfo', (t) => ({
      // @ts-expect-error a PageInfo has no managed object
      parent: t.vimProperty('name', { type, description }),
    }))
  }
  expect(declare).toBeTypeOf('function')
})
