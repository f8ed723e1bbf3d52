// Probes of the inventory and of the session.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { count, type DoctorRun, isHost, known } from '../check.ts'
import { sampleOf } from '../checks/inventory-check.ts'
import { readProperties } from '../checks/read-properties.ts'
import {
  confirmed,
  differs,
  firstValue,
  notApplicable,
  type Observation,
  retrieveOnce,
  rootFolderOf,
  unknown,
} from './probe.ts'

const sampleSize = 200

export async function observeUserName(run: DoctorRun): Promise<Observation> {
  if (isHost(run)) return notApplicable('An ESXi host has no domains.')
  const { userName } = await run.session.ensureLogin({ signal: run.signal })
  if (/^[^\\@]+\\[^\\]+$/.test(userName)) return confirmed('It is DOMAIN\\name.')
  if (!/[\\@]/.test(run.account.userName)) return unknown('The setting and the session name no domain.')
  return differs(userName.includes('@') ? 'It is name@domain.' : 'It has no domain.')
}

export async function observeInstanceUuid(run: DoctorRun): Promise<Observation> {
  const hasUuid = Boolean(known(run.content).about.instanceUuid)
  const observed = hasUuid ? 'It has one.' : 'It has none.'
  return hasUuid === isHost(run) ? differs(observed) : confirmed(observed)
}

export async function observeDisconnectedHosts(run: DoctorRun): Promise<Observation> {
  const hosts = await readProperties(run, sampleOf(run, 'HostSystem', sampleSize), 'HostSystem', [
    'runtime.connectionState',
    'hardware.memorySize',
  ])
  const disconnected = hosts.filter(({ values }) =>
    ['disconnected', 'notResponding'].includes(String(values.get('runtime.connectionState'))),
  )
  if (disconnected.length === 0) return notApplicable('No host is disconnected.')
  const withHardware = disconnected.filter(({ values }) => values.has('hardware.memorySize')).length
  const observed = `${withHardware} of ${count(disconnected.length, 'disconnected host')} report it.`
  return withHardware === 0 ? confirmed(observed) : differs(observed)
}

export async function observeCreateDates(run: DoctorRun): Promise<Observation> {
  const refs = sampleOf(run, 'VirtualMachine', sampleSize)
  const paths = ['config.createDate', 'config.version']
  const machines = await readProperties(run, refs, 'VirtualMachine', paths)
  // Without a version the whole configuration is unset.
  const readable = machines.filter(({ values }) => values.has('config.version'))
  if (readable.length === 0) return notApplicable('There is no virtual machine with a configuration.')
  const unset = readable.filter(({ values }) => !values.has('config.createDate')).length
  const observed = `It is unset on ${unset} of ${count(readable.length, 'virtual machine')}.`
  return unset > 0 ? confirmed(observed) : unknown(observed)
}

export async function observeEmptyValues(run: DoctorRun): Promise<Observation> {
  if (isHost(run)) return notApplicable('An ESXi host has no custom attributes.')
  const refs = sampleOf(run, 'VirtualMachine', sampleSize)
  const machines = await readProperties(run, refs, 'VirtualMachine', ['value'])
  const all = machines.flatMap(({ values }) => (values.get('value') ?? []) as { value?: unknown }[])
  const empty = all.filter(({ value }) => value === '').length
  const observed = `${empty} of ${count(all.length, 'value')} are empty.`
  return empty > 0 ? confirmed(observed) : unknown(observed)
}

export async function observeChangeIds({ changeIds }: DoctorRun): Promise<Observation> {
  if (!changeIds) return unknown('The disks were not read.')
  if (changeIds.all === 0) return notApplicable('No disk has a changeId.')
  const observed = `${changeIds.usual} of ${count(changeIds.all, 'changeId')} have this form.`
  return changeIds.usual === changeIds.all ? confirmed(observed) : differs(observed)
}

export async function observeSnapshotMoids(run: DoctorRun): Promise<Observation> {
  if (!isHost(run)) return notApplicable('Only ESXi hosts are probed.')
  const refs = sampleOf(run, 'VirtualMachine', sampleSize)
  const machines = await readProperties(run, refs, 'VirtualMachine', ['rootSnapshot'])
  const snapshots = machines.flatMap(({ ref, values }) =>
    ((values.get('rootSnapshot') ?? []) as ManagedObjectReference[]).map(({ value }) =>
      /^-snapshot-\d+$/.test(value.startsWith(ref.value) ? value.slice(ref.value.length) : ''),
    ),
  )
  if (snapshots.length === 0) return notApplicable('There is no snapshot.')
  const usual = snapshots.filter(Boolean).length
  const observed = `${usual} of ${count(snapshots.length, 'snapshot')} have this form.`
  return usual === snapshots.length ? confirmed(observed) : differs(observed)
}

export async function observeHostAlarms(run: DoctorRun): Promise<Observation> {
  if (!isHost(run)) return notApplicable('Only ESXi hosts are probed.')
  const result = await retrieveOnce(run, 'Folder', ['triggeredAlarmState'], [rootFolderOf(run)])
  const alarms = firstValue(result)
  const length = Array.isArray(alarms) ? alarms.length : 0
  return length === 0 ? confirmed('It is empty.') : differs(`It has ${count(length, 'alarm')}.`)
}
