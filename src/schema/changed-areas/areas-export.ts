// VirtualDisk.areasExport: the map of a disk as a file, for programs without GraphQL. The field only names the path; server/downloads
// serves it.

import { builder } from '../builder.ts'
import type { ArgBuilder } from '../core/connections/pagination-args.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { badInput } from '../errors/api-error.ts'
import { diskId } from '../virtual-machine/disks/disk.ts'
import { mergeGap } from './area-page.ts'
import { ChangedSince } from './changed-area-fields.ts'
import type { ChangedSinceInput } from './starting-point.ts'

/** The file formats, with their Content-Type. */
const formats = {
  NDJSON: {
    mediaType: 'application/x-ndjson',
    description:
      'One JSON object a line: first {"type":"start","capacity":…,"changeId":…,"sinceChangeId":…}, then {"start":…,"length":…} for each area, in bytes, and last {"type":"end","areas":…,"bytes":…,"capacity":…,"changeId":…}, with the number of areas and their total length.',
  },
  EXTENTLIST: {
    mediaType: 'text/plain; charset=utf-8',
    description:
      'The input of the extentlist filter of nbdkit: a line "offset length" for each area, in bytes, and last a line with the capacity and 0. Only for everything in use.',
  },
} as const

export type AreasFormat = keyof typeof formats

export const mediaTypeOf = (format: AreasFormat): string => formats[format].mediaType

const AreasFormatType = builder.enumType('AreasFormat', {
  description:
    'A file format of areasExport. A file without its last line is incomplete and must not be used.',
  values: Object.fromEntries(
    Object.entries(formats).map(([name, { description }]) => [name, { description }]),
  ) as Readonly<Record<AreasFormat, { readonly description: string }>>,
})

/** Where the files are served. */
export const exportPath = '/areas'

/** A file that is requested. */
export interface AreasExport {
  /** Global id of the disk. */
  readonly disk: string
  readonly format: AreasFormat
  readonly since: ChangedSinceInput | null
  readonly mergeGapsUpTo: number
}

/**
 * Creates the path of a file, relative to the gateway.
 * @throws ApiError BAD_USER_INPUT
 */
function pathOf({ disk, format, since, mergeGapsUpTo }: AreasExport): string {
  const query = new URLSearchParams({ disk, format })
  if (since?.changeId != null) query.set('sinceChangeId', since.changeId)
  if (since?.snapshot != null) query.set('sinceSnapshot', since.snapshot)
  if (mergeGapsUpTo > 0) query.set('mergeGapsUpTo', String(mergeGapsUpTo))
  return `${exportPath}?${query}`
}

const parameters = ['disk', 'format', 'sinceChangeId', 'sinceSnapshot', 'mergeGapsUpTo']

/**
 * Reads the file that a path requests.
 * @throws ApiError BAD_USER_INPUT if a parameter is unknown, repeated, missing or invalid
 */
export function parseExportQuery(query: URLSearchParams): AreasExport {
  for (const name of new Set(query.keys())) {
    if (!parameters.includes(name))
      throw badInput(`the parameter ${JSON.stringify(name.slice(0, 80))} is unknown`, pathRemedy)
    if (query.getAll(name).length > 1) throw badInput(`the parameter ${name} occurs twice`, pathRemedy)
  }
  const disk = query.get('disk')
  if (!disk) throw badInput('the parameter disk is missing', pathRemedy)
  const format = query.get('format') ?? 'NDJSON'
  if (!isFormat(format)) throw badInput(`format must be ${Object.keys(formats).join(' or ')}`, pathRemedy)
  const gap = query.get('mergeGapsUpTo') ?? '0'
  if (!/^\d{1,16}$/.test(gap) || !Number.isSafeInteger(Number(gap)))
    throw badInput(`mergeGapsUpTo must be a number of bytes from 0 to ${Number.MAX_SAFE_INTEGER}`, pathRemedy)
  const changeId = query.get('sinceChangeId')
  const snapshot = query.get('sinceSnapshot')
  if (changeId !== null && snapshot !== null)
    throw badInput('sinceChangeId and sinceSnapshot exclude each other', pathRemedy)
  const since = changeId !== null ? { changeId } : snapshot !== null ? { snapshot } : null
  return checkedExport({ disk, format, since, mergeGapsUpTo: Number(gap) })
}

const pathRemedy = 'Use the path of VirtualDisk.areasExport unchanged.'

const isFormat = (value: string): value is AreasFormat => Object.hasOwn(formats, value)

/** @throws ApiError BAD_USER_INPUT for changes as EXTENTLIST, or an invalid gap */
export function checkedExport(request: AreasExport): AreasExport {
  mergeGap(request.mergeGapsUpTo)
  const { format, since } = request
  if (format === 'EXTENTLIST' && since && since.changeId !== '*')
    throw badInput(
      'EXTENTLIST cannot be combined with since: what did not change would read as zeros, and a tool that writes zeros there would destroy the backup',
      'Use NDJSON for changes, or EXTENTLIST without since for everything in use.',
    )
  return request
}

export const AreasExportType = builder.objectRef<AreasExport>('AreasExport').implement({
  description:
    'A file with the areas of a disk. Download it with GET from the gateway, with the same credentials as for GraphQL.',
  fields: (t) => ({
    path: t.string({
      nullable: false,
      description:
        'Path and query on the gateway, such as `/areas?disk=…`. It contains no secret, and is valid as long as the snapshot exists. The response has the status 200 only if the first part of the map has been read and checked. After a later failure the connection is reset, and the last line is missing.',
      resolve: pathOf,
    }),
    mediaType: t.string({
      nullable: false,
      description: 'The Content-Type of the file.',
      resolve: ({ format }) => mediaTypeOf(format),
    }),
  }),
})

/** The arguments of fields that return a file. */
export const exportArgs = (arg: ArgBuilder, formatDescription: string) => ({
  format: arg({
    type: AreasFormatType,
    required: true,
    defaultValue: 'NDJSON',
    description: formatDescription,
  }),
  mergeGapsUpTo: arg({
    type: 'BigInt',
    required: true,
    defaultValue: 0,
    description: 'Merges areas that are at most this many bytes apart, as in changedAreas.',
  }),
})

builder.objectField('VirtualDisk', 'areasExport', (t) =>
  t.field({
    derives: { nothing: 'it is a path, not a property' },
    ...noRequirements,
    type: AreasExportType,
    args: {
      ...exportArgs(t.arg, 'The format of the file.'),
      since: t.arg({
        type: ChangedSince,
        description: 'The point since which to list changes. If omitted, lists everything in use.',
      }),
    },
    description:
      'Where the areas of the disk can be downloaded as a file, for programs without GraphQL: the same list as allocatedAreas, or with since as changedAreas, with the same errors when it is downloaded. No call is sent before the download. Source: `QueryChangedDiskAreas`.',
    resolve: (disk, { format, since, mergeGapsUpTo }, context) =>
      checkedExport({
        disk: diskId(context, disk),
        format,
        since: since ?? null,
        mergeGapsUpTo: mergeGap(mergeGapsUpTo),
      }),
  }),
)
