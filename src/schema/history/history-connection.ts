// The Relay types of lists from the history of a vCenter. They have no totalCount, because vCenter does not count its history.

import { pluralOf } from '../../text/plural.ts'
import { builder } from '../builder.ts'
import { connectionCost } from '../cost/cost-estimate.ts'

/** The descriptions that differ between events and tasks. */
interface HistoryDescriptions {
  /** The type's name with its article, such as `An event`. */
  readonly one: string
  readonly connection: string
  readonly pageInfo: string
  readonly coverage: string
}

/**
 * Creates the connection and edge types of a type.
 *
 * @param label - the type's name in descriptions, in the singular
 */
export function historyConnectionTypes(
  type: 'Event' | 'Task',
  label: string,
  { one, connection, pageInfo, coverage }: HistoryDescriptions,
): void {
  const labels = pluralOf(label)
  builder.objectType(`${type}Edge`, {
    description: `${one} on a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        nullable: false,
        description: `Opaque position of this ${label}.`,
      }),
      node: t.field({
        type,
        nullable: false,
        description: `The ${label}.`,
        resolve: ({ node }) => node as never,
      }),
    }),
  })
  builder.objectType(`${type}Connection`, {
    description: connection,
    extensions: { size: connectionCost },
    fields: (t) => ({
      nodes: t.field({
        type: [type],
        nullable: { list: false, items: false },
        description: `The ${labels} on this page.`,
        resolve: ({ edges }) => edges.map(({ node }) => node as never),
      }),
      edges: t.field({
        type: [`${type}Edge`],
        nullable: { list: false, items: false },
        description: `The ${labels} on this page, each with its cursor.`,
        resolve: ({ edges }) => edges as never,
      }),
      pageInfo: t.field({
        type: 'PageInfo',
        nullable: false,
        description: pageInfo,
        resolve: (page) => page,
      }),
      coverage: t.field({
        extensions: { length: () => 1 },
        type: ['Coverage'],
        nullable: { list: false, items: false },
        description: coverage,
        resolve: (page) => page.coverage,
      }),
    }),
  })
}
