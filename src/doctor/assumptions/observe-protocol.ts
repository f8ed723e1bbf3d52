// Probes of the protocol: retrievals, faults, pages, and vAPI.

import type { ManagedObjectType } from '../../soap/vim-types.ts'
import { createSoapClient } from '../../vim25/session/soap-client.ts'
import { type DoctorRun, isHost, known } from '../check.ts'
import { sampleOf } from '../checks/inventory-check.ts'
import { safeTypeName } from '../failure.ts'
import {
  confirmed,
  denied,
  differs,
  failedWith,
  faultOf,
  invented,
  missingFaults,
  notApplicable,
  type Observation,
  retrieveOnce,
  rootFolderOf,
  unknown,
} from './probe.ts'

export async function observeUnauthenticated(run: DoctorRun): Promise<Observation> {
  const { path, onCall, signal } = run
  const transport = run.connect()
  try {
    const client = createSoapClient(transport, { version: known(run.apiVersion), path, onCall })
    const { rootFolder, propertyCollector } = known(run.content)
    const specSet = [
      {
        propSet: [{ type: rootFolder.type, pathSet: ['name'] }],
        objectSet: [{ obj: rootFolder, skip: false }],
      },
    ]
    let faults: readonly string[] = []
    const fault = await faultOf(
      client
        .call('RetrievePropertiesEx', propertyCollector, { specSet, options: {} }, { signal })
        .then((result) => {
          faults = missingFaults(result)
        }),
    )
    if (fault) return differs(`The call failed with ${safeTypeName(fault.faultName)}.`)
    return faults.includes('NotAuthenticated')
      ? confirmed('The property is missing with NotAuthenticated.')
      : differs('The property is not missing with NotAuthenticated.')
  } finally {
    await transport.close()
  }
}

export async function observeUnknownProperty(run: DoctorRun): Promise<Observation> {
  let faults: readonly string[] = []
  const retrieval = retrieveOnce(run, 'Folder', ['vsphereGraphqlDoctor'], [rootFolderOf(run)])
  const fault = await faultOf(
    retrieval.then((result) => {
      faults = missingFaults(result)
    }),
  )
  if (fault?.is('InvalidProperty')) return confirmed('The call failed with InvalidProperty.')
  if (fault) return failedWith(fault)
  const unreadable = denied(faults)
  if (unreadable) return unreadable
  return differs(
    faults.includes('InvalidProperty')
      ? 'The call succeeded, and the property is missing with InvalidProperty.'
      : 'The call succeeded without the property.',
  )
}

const subtypePaths: readonly (readonly [ManagedObjectType, string])[] = [
  ['DistributedVirtualPortgroup', 'config.defaultPortConfig.vlan'],
  ['Datastore', 'info.vmfs'],
  ['ClusterComputeResource', 'summary.currentFailoverLevel'],
]

export async function observeDeclaredTypes(run: DoctorRun): Promise<Observation> {
  const rejected: string[] = []
  const accepted: string[] = []
  let unreadable = 0
  for (const [type, path] of subtypePaths) {
    const [ref] = sampleOf(run, type, 1)
    if (!ref) continue
    let faults: readonly string[] = []
    const fault = await faultOf(
      retrieveOnce(run, type, [path], [ref]).then((result) => {
        faults = missingFaults(result)
      }),
    )
    const isRejected = fault?.is('InvalidProperty') || faults.includes('InvalidProperty')
    if (!isRejected && (denied(faults) || (fault && failedWith(fault).result === 'unknown'))) {
      unreadable += 1
      continue
    }
    const list = isRejected ? rejected : accepted
    list.push(`${type}.${path}`)
  }
  if (rejected.length + accepted.length === 0 && unreadable > 0)
    return unknown('The account may not read the objects with such a path.')
  if (rejected.length + accepted.length === 0) return notApplicable('There is no object with such a path.')
  if (accepted.length === 0) return confirmed(`Rejected: ${rejected.join(', ')}.`)
  return differs(
    `Accepted: ${accepted.join(', ')}.${rejected.length > 0 ? ` Rejected: ${rejected.join(', ')}.` : ''}`,
  )
}

export async function observeMissingKey(run: DoctorRun): Promise<Observation> {
  const [vm] = sampleOf(run, 'VirtualMachine', 1)
  if (!vm) return notApplicable('There is no virtual machine.')
  let outcome = 'omitted'
  let unreadable: Observation | undefined
  const fault = await faultOf(
    retrieveOnce(run, 'VirtualMachine', ['config.extraConfig["vsphereGraphqlDoctor"]'], [vm]).then(
      (result) => {
        const object = result?.objects?.[0]
        unreadable = denied(missingFaults(result))
        if (object?.missingSet?.length)
          outcome = `missing with ${safeTypeName(missingFaults(result)[0] ?? '')}`
        else if (object?.propSet?.some(({ val }) => val !== undefined)) outcome = 'returned with a value'
      },
    ),
  )
  if (fault) return failedWith(fault)
  if (unreadable) return unreadable
  return outcome === 'omitted' ? confirmed('It is omitted.') : differs(`It is ${outcome}.`)
}

export async function observeMissingObject(run: DoctorRun): Promise<Observation> {
  const fault = await faultOf(retrieveOnce(run, 'VirtualMachine', ['name'], [invented]))
  if (fault?.is('ManagedObjectNotFound')) return confirmed('The call failed with ManagedObjectNotFound.')
  return fault ? failedWith(fault) : differs('The call succeeded.')
}

export async function observeOmittedObject(run: DoctorRun): Promise<Observation> {
  const refs = [rootFolderOf(run), invented]
  let objects = 0
  const fault = await faultOf(
    retrieveOnce(run, 'ManagedEntity', ['name'], refs, { reportMissing: true }).then((result) => {
      objects = result?.objects?.length ?? 0
    }),
  )
  if (fault) return failedWith(fault)
  return objects === 1 ? confirmed('It is omitted.') : differs(`The response has ${objects} objects.`)
}

export async function observeEmptyRetrieval(run: DoctorRun): Promise<Observation> {
  let isEmpty = false
  const fault = await faultOf(
    retrieveOnce(run, 'VirtualMachine', ['name'], [invented], { reportMissing: true }).then((result) => {
      isEmpty = result === undefined
    }),
  )
  if (fault) return failedWith(fault)
  return isEmpty ? confirmed('There is no result.') : differs('There is a result without objects.')
}

export async function observePages(run: DoctorRun): Promise<Observation> {
  const refs = [...sampleOf(run, 'VirtualMachine', 3), ...sampleOf(run, 'HostSystem', 3)].slice(0, 3)
  if (refs.length < 2) return notApplicable('There are not enough objects.')
  const first = await retrieveOnce(run, 'ManagedEntity', ['overallStatus'], refs, { maxObjects: 1 })
  const size = first?.objects?.length ?? 0
  if (size !== 1 || first?.token === undefined)
    return differs(`The first page has ${size} objects and ${first?.token === undefined ? 'no' : 'a'} token.`)
  const { signal } = run
  const login = await run.session.ensureLogin({ signal })
  const collector = login.content.propertyCollector
  const { token } = first
  const second = await login.call('ContinueRetrievePropertiesEx', collector, { token }, { signal })
  // The server keeps the pages that are not read.
  if (second.token !== undefined)
    await faultOf(login.call('CancelRetrievePropertiesEx', collector, { token: second.token }, { signal }))
  const next = second.objects?.length ?? 0
  return next === 1
    ? confirmed('Both pages have one object.')
    : differs(`The second page has ${next} objects.`)
}

export async function observeUntagged(run: DoctorRun): Promise<Observation> {
  if (isHost(run)) return notApplicable('An ESXi host has no vAPI.')
  const refs = sampleOf(run, 'VirtualMachine', 20)
  if (refs.length === 0) return notApplicable('There is no virtual machine.')
  if (!run.vapi.isConnected) return unknown('There is no session of vAPI.')
  const body = { object_ids: refs.map(({ type, value }) => ({ type, id: value })) }
  const request = { name: 'tag-association', action: 'list-attached-tags-on-objects', body } as const
  const result = await run.vapi.call(request, { signal: run.signal })
  if (!Array.isArray(result)) return differs('The response is no list.')
  const empty = result.filter((each) => {
    const { tag_ids: ids } = (each ?? {}) as { tag_ids?: unknown }
    return !Array.isArray(ids) || ids.length === 0
  }).length
  const absent = refs.length - result.length
  if (empty === 0 && absent === 0) return unknown('All of them have tags.')
  return confirmed(
    `Of ${refs.length} virtual machines, ${absent} are absent and ${empty} have an empty list.`,
  )
}

export async function observeRestGeneration(run: DoctorRun): Promise<Observation> {
  if (run.vapi.generation !== 'api') return notApplicable('The server does not serve /api.')
  const transport = run.connect()
  try {
    const { status, body } = await transport.send({
      method: 'GET',
      path: '/rest/com/vmware/cis/tagging/category',
      headers: {},
      signal: run.signal,
    })
    await body[Symbol.asyncIterator]().return?.()
    if (status === 401) return confirmed('It answers 401.')
    return status === 404 ? differs('It answers 404.') : unknown(`It answers ${status}.`)
  } finally {
    await transport.close()
  }
}
