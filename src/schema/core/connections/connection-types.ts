// The Relay types of connections: the page, its edges, and the information to read further pages.

import { pluralOf } from '../../../text/plural.ts'
import { builder, type ConnectedType } from '../../builder.ts'
import { connectionCost } from '../../cost/cost-estimate.ts'
import { connectionAt, noRequirements, requires } from '../field-requirements.ts'
import { coverageOf } from './coverage.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    PageInfo: PageInfo
  }
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

builder.objectType('PageInfo', {
  description: 'The position of a page in its connection.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      nullable: false,
      description: 'Whether there may be more items after this page.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      nullable: false,
      description: 'Whether there are items before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      description:
        'Pass it as `before` to read the previous page. It is the cursor of the first item, or on an empty page the `before` of the request. Otherwise null.',
    }),
    endCursor: t.exposeString('endCursor', {
      description:
        'Pass it as `after` to read the next page. It is the cursor of the last item, or on an empty page the `after` of the request. Otherwise null.',
    }),
  }),
})

/**
 * Creates the connection and edge types of a type.
 *
 * @param label - the type's name in descriptions, in the singular
 */
export function connectionTypes(type: ConnectedType, label: string): void {
  const labels = pluralOf(label)
  const requiresPage = requires((position) => {
    const connection = connectionAt(position)
    connection.needsOrder = true
    return connection.selection
  })
  builder.objectType(`${type}Edge`, {
    description: `A ${label} on a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        nullable: false,
        description: `Opaque position of this ${label} in the order of the connection.`,
      }),
      node: t.field({
        type,
        nullable: false,
        description: `The ${label}.`,
        resolve: ({ object }) => object as never,
      }),
    }),
  })
  builder.objectType(`${type}Connection`, {
    description: `A page of ${labels}, with the information to read further pages.`,
    extensions: { size: connectionCost },
    fields: (t) => ({
      nodes: t.field({
        ...requiresPage,
        type: [type],
        nullable: { list: false, items: false },
        description: `The ${labels} on this page.`,
        resolve: ({ items }) => items.map(({ object }) => object as never),
      }),
      edges: t.field({
        ...requiresPage,
        type: [`${type}Edge`],
        nullable: { list: false, items: false },
        description: `The ${labels} on this page, each with its cursor.`,
        resolve: ({ items }) => items,
      }),
      pageInfo: t.field({
        ...requires((position) => {
          connectionAt(position).needsOrder = true
          return undefined
        }),
        type: 'PageInfo',
        nullable: false,
        description: 'The position of this page in the connection.',
        resolve: (page) => page,
      }),
      totalCount: t.int({
        ...noRequirements,
        description: `Number of ${labels} that match the filter, on all pages. Counted only if selected. Null if \`coverage\` is not complete. On a page after a cursor it is the number at the time of the first page, while the gateway keeps the order of that page.`,
        resolve: (page) => (coverageOf(page).isComplete ? page.totalCount : null),
      }),
      coverage: t.field({
        extensions: { ...noRequirements.extensions, length: () => 1 },
        type: ['Coverage'],
        nullable: { list: false, items: false },
        description: `What the response accounts for, by vCenter: whether every ${label} was examined, and for how many the filter could not be decided.`,
        resolve: (page) => [coverageOf(page)],
      }),
    }),
  })
}
