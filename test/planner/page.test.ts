// Tests pages and their cursors on objects in memory.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PaginationError } from '../../src/planner/connections/cursor.ts'
import { type PaginationArgs, parsePagination, slicePage } from '../../src/planner/connections/page.ts'
import { type Order, sortPositions } from '../../src/planner/connections/sort.ts'
import type { ManagedObject } from '../../src/planner/managed-object.ts'
import { objectWith } from './objects.ts'

const sizes = { defaultSize: 3, maxSize: 10 }
const byName = (direction: 'ASC' | 'DESC' = 'ASC'): Order => ({
  name: `NAME ${direction}`,
  filterDigest: '',
  keys: [
    {
      descending: direction === 'DESC',
      keyType: 'string',
      plan: (node) => {
        node.read('name')
      },
      of: (object) => (object as ManagedObject<'VirtualMachine'>).read('name') ?? null,
    },
  ],
})

type Page = ReturnType<typeof pageOf>

const machines = (...names: readonly (string | undefined)[]): ManagedObject[] =>
  names.map((name, index) => objectWith('VirtualMachine', `vm-${index}`, { name }) as never)

function pageOf(objects: readonly ManagedObject[], args: PaginationArgs, order = byName()) {
  const byMoid = new Map(objects.map((object) => [object.ref.value, object]))
  const window = parsePagination(args, order, sizes)
  const positions = objects.map((object) => ({
    ref: object.ref,
    moid: object.ref.value,
    keys: order.keys.map((key) => key.of(object)),
  }))
  const ordered = {
    id: 'order',
    refs: sortPositions(order, positions),
    undecidedCount: 0,
    unreadableCount: 0,
  }
  return slicePage(ordered, order, window, ({ moid }) => {
    const owner = byMoid.get(moid)!
    return { owner, object: owner }
  })
}

const moids = ({ items }: Page): string[] => items.map(({ owner }) => owner.ref.value)
const cursorOf = (page: Page, index: number): string => page.items[index]!.cursor

describe('a page', () => {
  it('is ordered without regard to case, then by code unit and moid, with nulls last in both directions', () => {
    const objects = machines('b', undefined, 'B', 'a', 'b', '10', '9')
    expect(moids(pageOf(objects, { first: 10 }))).toEqual([
      'vm-5',
      'vm-6',
      'vm-3',
      'vm-2',
      'vm-0',
      'vm-4',
      'vm-1',
    ])
    expect(moids(pageOf(objects, { first: 10 }, byName('DESC')))).toEqual([
      'vm-0',
      'vm-4',
      'vm-2',
      'vm-3',
      'vm-6',
      'vm-5',
      'vm-1',
    ])
  })

  it('has the default size when neither first nor last is given', () => {
    const page = pageOf(machines('a', 'b', 'c', 'd'), {})
    expect(moids(page)).toEqual(['vm-0', 'vm-1', 'vm-2'])
    expect(page).toMatchObject({ hasNextPage: true, hasPreviousPage: false, totalCount: 4 })
  })

  it('of an empty list has no items, and reports whether there are items before and after it', () => {
    expect(pageOf(machines('a', 'b'), { first: 0 })).toMatchObject({
      items: [],
      hasNextPage: true,
      hasPreviousPage: false,
      totalCount: 2,
    })
    expect(pageOf(machines('a', 'b'), { last: 0 })).toMatchObject({
      items: [],
      hasNextPage: false,
      hasPreviousPage: true,
    })
    expect(pageOf([], { first: 5 })).toMatchObject({
      items: [],
      hasNextPage: false,
      hasPreviousPage: false,
      totalCount: 0,
    })
  })

  it('is counted from the end with last', () => {
    const page = pageOf(machines('a', 'b', 'c', 'd'), { last: 2 })
    expect(moids(page)).toEqual(['vm-2', 'vm-3'])
    expect(page).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  it('lies between its cursors, and is empty when they are crossed', () => {
    const objects = machines('a', 'b', 'c', 'd', 'e')
    const all = pageOf(objects, { first: 10 })
    const [after, before] = [cursorOf(all, 0), cursorOf(all, 4)]
    expect(moids(pageOf(objects, { after, before }))).toEqual(['vm-1', 'vm-2', 'vm-3'])
    expect(moids(pageOf(objects, { after, before, last: 2 }))).toEqual(['vm-2', 'vm-3'])
    expect(moids(pageOf(objects, { after: before, before: after }))).toEqual([])
  })

  it('continues from a cursor whose object was deleted, or was renamed past it', () => {
    const objects = machines('a', 'b', 'c', 'd')
    const after = cursorOf(pageOf(objects, { first: 10 }), 1)
    expect(
      moids(
        pageOf(
          objects.filter(({ ref }) => ref.value !== 'vm-1'),
          { after },
        ),
      ),
    ).toEqual(['vm-2', 'vm-3'])
    const renamed = [
      ...objects.slice(0, 1),
      ...machines('z').map(() => objectWith('VirtualMachine', 'vm-1', { name: 'z' }) as never),
      ...objects.slice(2),
    ]
    expect(moids(pageOf(renamed, { after }))).toEqual(['vm-2', 'vm-3', 'vm-1'])
  })

  it('continues through objects with equal names, and through objects without a name', () => {
    const objects = machines('same', 'same', undefined, 'same', undefined)
    const seen: string[] = []
    for (let after: string | undefined; ; ) {
      const page = pageOf(objects, { first: 1, after })
      seen.push(...moids(page))
      if (!page.hasNextPage) break
      after = cursorOf(page, 0)
    }
    expect(seen).toEqual(['vm-0', 'vm-1', 'vm-3', 'vm-2', 'vm-4'])
  })

  it('gives the same list walked forwards and backwards, with any page size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.constantFrom('a', 'b', 'B', 'ab', ''), { nil: undefined }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('ASC', 'DESC'),
        (names, size, direction) => {
          const objects = machines(...names)
          const order = byName(direction as 'ASC')
          const forwards: string[] = []
          for (let after: string | undefined; ; ) {
            const page = pageOf(objects, { first: size, after }, order)
            forwards.push(...moids(page))
            if (!page.hasNextPage) break
            after = page.items.at(-1)!.cursor
          }
          const backwards: string[] = []
          for (let before: string | undefined; ; ) {
            const page = pageOf(objects, { last: size, before }, order)
            backwards.unshift(...moids(page))
            if (!page.hasPreviousPage) break
            before = page.items[0]!.cursor
          }
          expect(forwards).toHaveLength(names.length)
          expect(backwards).toEqual(forwards)
        },
      ),
      { seed: 5, numRuns: 300 },
    )
  })
})

describe('pagination arguments', () => {
  const order = byName()
  it.each<[string, PaginationArgs, RegExp]>([
    ['first and last', { first: 1, last: 1 }, /cannot be combined/],
    ['a negative first', { first: -1 }, /first is -1/],
    ['a negative last', { last: -5 }, /last is -5/],
    ['too many', { first: 11 }, /at most 10/],
    ['a broken cursor', { after: '%%%' }, /^after is not a cursor of this connection$/],
    ['an empty cursor', { before: '' }, /^before is not a cursor of this connection$/],
    [
      'a string that is not a list',
      { after: Buffer.from('{"a":1}').toString('base64url') },
      /^after is not a cursor of this connection$/,
    ],
    [
      'a list that is too short',
      { after: Buffer.from('["NAME ASC"]').toString('base64url') },
      /^after is not a cursor of this connection$/,
    ],
    [
      'a key of an unexpected type',
      { after: Buffer.from('["NAME ASC","","vm-1",null,{}]').toString('base64url') },
      /^after is not a cursor of this connection$/,
    ],
    [
      'a cursor of another order',
      { after: Buffer.from('["MEMORY ASC","","vm-1",null,5]').toString('base64url') },
      /MEMORY ASC.*NAME ASC/,
    ],
    [
      'a cursor of another filter',
      { after: Buffer.from('["NAME ASC","abc","vm-1",null,"a"]').toString('base64url') },
      /^after is a cursor of a connection with another filter$/,
    ],
  ])('are rejected with %s', (_, args, message) => {
    expect(() => parsePagination(args, order, sizes)).toThrowError(PaginationError)
    expect(() => parsePagination(args, order, sizes)).toThrowError(message)
  })

  it('are treated as absent when they are null', () => {
    expect(parsePagination({ first: null, last: null, after: null, before: null }, order, sizes)).toEqual(
      parsePagination({}, order, sizes),
    )
    expect(parsePagination({ first: null, last: 2 }, order, sizes)).toMatchObject({ size: 2, fromEnd: true })
  })

  it('are parsed or rejected for any cursor content', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        (after) => {
          try {
            parsePagination({ after }, order, sizes)
          } catch (error) {
            expect(error).toBeInstanceOf(PaginationError)
          }
        },
      ),
      { seed: 6, numRuns: 500 },
    )
  })
})
