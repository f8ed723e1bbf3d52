// Makes one call of QueryChangedDiskAreas and decodes the reply as it arrives. changed-disk-areas.ts verifies that the replies
// together cover the disk.

import type { MethodArgs } from '../../soap/envelope.ts'
import { SoapError } from '../../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { DiskChangeInfo, WindowBounds } from './changed-disk-areas.ts'

/**
 * Requests one window of changed areas.
 * @param onBounds called as soon as the bounds of the window are known
 * @throws SoapError if the reply has no bounds, or has them twice
 */
export async function queryChangedDiskAreas(
  login: Pick<Login, 'call'>,
  vm: ManagedObjectReference,
  args: MethodArgs<'QueryChangedDiskAreas'>,
  callOptions: CallOptions,
  onBounds: (bounds: WindowBounds) => void,
): Promise<DiskChangeInfo> {
  const changedArea: DataObject<'DiskChangeExtent'>[] = []
  const bounds: { -readonly [F in keyof WindowBounds]?: WindowBounds[F] } = {}
  const onBoundsField = (field: keyof WindowBounds) => (value: unknown) => {
    // With two values it is undefined which one applies.
    if (bounds[field] !== undefined) throw new SoapError(`a DiskChangeInfo has two values of ${field}`)
    bounds[field] = value as WindowBounds[typeof field]
    if (isComplete(bounds)) onBounds(bounds)
  }
  const handlers = new Map([
    ['startOffset', onBoundsField('startOffset')],
    ['length', onBoundsField('length')],
    ['changedArea', (area: unknown) => void changedArea.push(area as DataObject<'DiskChangeExtent'>)],
  ])
  await login.call('QueryChangedDiskAreas', vm, args, callOptions, { handlers })
  if (!isComplete(bounds)) throw new SoapError('a DiskChangeInfo has no startOffset or no length')
  return { ...bounds, changedArea }
}

const isComplete = (bounds: Partial<WindowBounds>): bounds is WindowBounds =>
  bounds.startOffset !== undefined && bounds.length !== undefined
