// The root field search: objects of any type in which a text occurs, page by page.

import type { GraphQLResolveInfo } from 'graphql'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { pageSizeOf } from '../core/connections/pagination-args.ts'
import { EntityTypeEnum, entityTypes } from '../core/entity-type.ts'
import { postponedFields } from '../core/field-requirements.ts'
import { baseTypeOf, type NodeType, nodeTypeOf } from '../core/nodes/node-registry.ts'
import { badInput } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { findHits, type SearchHit } from './find-hits.ts'
import { comparePositions, decodeSearchCursor, digestOf, encodeSearchCursor } from './search-cursor.ts'
import { type SearchFieldName, searchedField, searchFieldNames } from './search-fields.ts'
import { parseSearchText, type SearchText } from './search-text.ts'
import { SearchField } from './search-types.ts'

builder.queryField('search', (t) =>
  t.field({
    type: 'SearchConnection',
    args: {
      text: t.arg.string({
        required: true,
        description: 'What to search for, with at least 2 characters. Case is ignored.',
      }),
      types: t.arg({
        type: [EntityTypeEnum],
        description: 'Returns only objects of these types. All types by default.',
      }),
      in: t.arg({
        type: [SearchField],
        description: 'Searches only in these fields. All fields by default.',
      }),
      first: t.arg.int({
        description:
          'Maximum number of results. By default the page has the configured size (100 if not configured).',
      }),
      after: t.arg.string({
        description: 'Returns only results after this cursor. It must come from the same search.',
      }),
    },
    description:
      'Objects of any type in which a text occurs: exact matches first, then those that begin with it, then those that contain it, each by name. Which properties are read depends on the text: addresses of all interfaces only for a complete IP or MAC address, and otherwise only small properties. Objects and values that the account may not read do not match.',
    resolve: async (_root, args, context, info) => {
      const vcenter = context.vcenters.only()
      const size = pageSizeOf(args.first, context)
      const text = parseSearchText(args.text)
      const types = args.types ?? entityTypes
      const fields = args.in ?? searchFieldNames
      if (types.length === 0) throw badInput('types is empty', 'Omit it to search in objects of all types.')
      if (fields.length === 0) throw badInput('in is empty', 'Omit it to search in all fields.')
      const search = {
        text,
        types: entityTypes.filter((type) => types.includes(type)),
        fields: fieldsFor(text, fields, args.in != null),
      }
      const digest = digestOf([
        text.text,
        search.types,
        searchFieldNames.filter((name) => fields.includes(name)),
      ])
      const after = args.after == null ? undefined : decodeSearchCursor(args.after, digest)
      await vcenter.session.ensureLogin(context.callOptions)
      const { hits, undecidedCount } = await findHits(search, vcenter)
      const start = after ? hits.filter((hit) => comparePositions(hit, after) <= 0).length : 0
      const onPage = hits.slice(start, start + size)
      const cursorOf = (hit: SearchHit | undefined) => (hit ? encodeSearchCursor(digest, hit) : null)
      return {
        edges: (await loadResults(onPage, vcenter, context, info)).map((hit) => ({
          ...hit,
          cursor: encodeSearchCursor(digest, hit),
        })),
        totalCount: hits.length,
        source: vcenter.source,
        undecidedCount,
        hasNextPage: start + size < hits.length,
        hasPreviousPage: start > 0,
        startCursor: cursorOf(onPage[0]),
        endCursor: cursorOf(onPage.at(-1)) ?? args.after ?? null,
      }
    },
  }),
)

/** Returns the fields in which a text can occur. */
function fieldsFor(
  text: SearchText,
  fields: readonly SearchFieldName[],
  areNamed: boolean,
): SearchFieldName[] {
  const possible = searchFieldNames.filter(
    (name) => fields.includes(name) && (searchedField(name).canContain?.(text, areNamed) ?? true),
  )
  if (possible.length === 0)
    throw badInput(
      `the text cannot be searched in ${fields.join(' or ')}`,
      'UUID and MAC_ADDRESS need a complete value, and IP_ADDRESS an address or a part of one. Add other fields to in, or omit it.',
    )
  return possible
}

/** Reads what the selection needs of the objects on a page, in one retrieval. Leaves out objects that were deleted in the meantime. */
async function loadResults(
  hits: readonly SearchHit[],
  { reader }: RequestVCenter,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<SearchHit[]> {
  const fieldNodes = postponedFields(info, 'SearchConnection', context)
  if (fieldNodes.length === 0) return [...hits]
  const refsByType = new Map<ManagedObjectType, ManagedObjectReference[]>()
  for (const { object } of hits) {
    const type = baseTypeOf(object.ref) as ManagedObjectType
    const refs = refsByType.get(type) ?? []
    refs.push(object.ref)
    refsByType.set(type, refs)
  }
  const loaded = await Promise.all(
    [...refsByType].map(([type, refs]) => {
      const node = new PlanNode(type)
      const { name } = nodeTypeOf(refs[0] as ManagedObjectReference) as NodeType
      planSelection({ ...info, fieldNodes }, name, node, context)
      return reader.objects(refs, node)
    }),
  )
  const found = new Set<ManagedObject | undefined>(loaded.flat())
  return hits.filter(({ object }) => found.has(object))
}
