// QueryChangedDiskAreas, one call of it, read while it arrives. What its answers prove together, changed-disk-areas.ts says.

import type { MethodArgs } from '../../soap/envelope.ts'
import { SoapError } from '../../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallScope } from '../session/call-options.ts'
import type { DiskChangeInfo, WindowPlace } from './changed-disk-areas.ts'
import type { Login } from '../session/login.ts'

/** Asks for one window, and tells where it lies as soon as the answer says so. */
export async function queryChangedDiskAreas(
  login: Pick<Login, 'call'>,
  vm: ManagedObjectReference,
  args: MethodArgs<'QueryChangedDiskAreas'>,
  scope: CallScope,
  onPlace: (place: WindowPlace) => void,
): Promise<DiskChangeInfo> {
  const changedArea: DataObject<'DiskChangeExtent'>[] = []
  const place: { -readonly [F in keyof WindowPlace]?: WindowPlace[F] } = {}
  const takePlace = (field: keyof WindowPlace) => (value: unknown) => {
    // Which of two is meant nobody can tell.
    if (place[field] !== undefined) throw new SoapError(`a DiskChangeInfo has two values of ${field}`)
    place[field] = value as WindowPlace[typeof field]
    if (isWhole(place)) onPlace(place)
  }
  const take = new Map([
    ['startOffset', takePlace('startOffset')],
    ['length', takePlace('length')],
    ['changedArea', (area: unknown) => void changedArea.push(area as DataObject<'DiskChangeExtent'>)],
  ])
  await login.call('QueryChangedDiskAreas', vm, args, scope, { take })
  if (!isWhole(place)) throw new SoapError('a DiskChangeInfo does not say which window it is of')
  return { ...place, changedArea }
}

const isWhole = (place: Partial<WindowPlace>): place is WindowPlace =>
  place.startOffset !== undefined && place.length !== undefined
