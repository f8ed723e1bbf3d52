// CapturedDisk: a disk in a capture, what to copy of it, and the token for the next capture.

import { builder } from '../builder.ts'
import { areaConnection, mergeGap } from '../changed-areas/area-page.ts'
import { AreasExportType, checkedExport, exportArgs } from '../changed-areas/areas-export.ts'
import { assertAreasEnabled, pageArgs } from '../changed-areas/changed-area-fields.ts'
import { requires } from '../core/field-requirements.ts'
import { diskId } from '../virtual-machine/disks/disk.ts'
import type { CapturedDisk, CaptureFullReason } from './capture-basis.ts'

const Basis = builder.enumType('CaptureBasis', {
  description: 'What the areas of a captured disk are.',
  values: {
    CHANGES: { description: 'What changed since the capture that the token is from.' },
    FULL: { description: 'Everything in use. `fullReason` gives the reason.' },
  } as const,
})

const fullReasons: Readonly<Record<CaptureFullReason, { readonly description: string }>> = {
  NO_TOKEN: { description: 'No token was given for the disk.' },
  DISK_REPLACED: {
    description: 'Another disk has the device key of the token. Source: `backing.uuid`.',
  },
  DISK_RESIZED: {
    description: 'The disk had another size when the token was made. Source: `capacityInBytes`.',
  },
  CHANGE_ID_STALE: {
    description:
      'The changes since the token cannot be determined: tracking was reset, the virtual machine was reverted, or its changeId is later than the one of the disk. Source: `backing.changeId`; the history of tasks.',
  },
  HISTORY_UNKNOWN: {
    description:
      'It cannot be proved that the virtual machine was not reverted since the token, because the history of tasks no longer has the task that created its snapshot, has too many tasks, cannot be read, or does not exist, as on an ESXi host, because the clock of the vCenter was set back, or because the virtual machine or the disk is set to revert when it is powered off. A vCenter keeps tasks for 30 days unless it is configured otherwise. Source: `TaskHistoryCollector`, `config.flags.snapshotPowerOffBehavior`, `config.extraConfig["snapshot.action"]`.',
  },
}

const FullReason = builder.enumType('CaptureFullReason', {
  description: 'Why everything in use has to be copied of a disk.',
  values: fullReasons,
})

export const CapturedDiskType = builder.objectRef<CapturedDisk>('CapturedDisk').implement({
  description: 'A disk in a capture, what to copy of it, and the token for the next capture.',
  fields: (t) => ({
    disk: t.field({
      type: 'VirtualDisk',
      nullable: false,
      description: 'The disk, frozen in the snapshot.',
      resolve: ({ disk }) => disk,
    }),
    token: t.exposeString('token', {
      nullable: false,
      description:
        'Opaque token for the next capture. Store it only when all data of this capture is safe: a token that is newer than the stored data would leave a gap in the backup.',
    }),
    basis: t.field({
      type: Basis,
      nullable: false,
      description: 'Whether `areas` has what changed, or everything in use.',
      resolve: ({ fullReason }) => (fullReason ? 'FULL' : 'CHANGES'),
    }),
    fullReason: t.field({
      type: FullReason,
      description: 'Why everything in use has to be copied. Null if `basis` is CHANGES.',
      resolve: ({ fullReason }) => fullReason,
    }),
    areas: t.field({
      ...requires((_position, _args, context) => {
        assertAreasEnabled(context)
        return undefined
      }),
      type: 'ChangedAreaConnection',
      args: pageArgs(t.arg),
      description:
        'What to copy, page by page: what changed since the token, or everything in use, by `basis`. Read further pages with changedAreas or allocatedAreas of the disk, or by repeating the request. Fails with CHANGE_ID_STALE if only vSphere itself finds that the changes cannot be computed; then copy `disk { allocatedAreas }`. Source: `QueryChangedDiskAreas`, called only if selected.',
      resolve: ({ disk, since, changeId }, args, context) =>
        areaConnection(disk, since, changeId, args, context),
    }),
    export: t.field({
      type: AreasExportType,
      args: exportArgs(t.arg, 'The format of the file. EXTENTLIST only if `basis` is FULL.'),
      description:
        'Where the areas can be downloaded as a file, for programs without GraphQL: `VirtualDisk.areasExport`, since the token or with everything in use, by `basis`.',
      resolve: ({ disk, since }, { format, mergeGapsUpTo }, context) =>
        checkedExport({
          disk: diskId(context, disk),
          format,
          since: since === '*' ? null : { changeId: since },
          mergeGapsUpTo: mergeGap(mergeGapsUpTo),
        }),
    }),
  }),
})
