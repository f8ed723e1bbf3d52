// Responses of the simulator to every kind of call that a gateway makes, each with its method.

import type { MethodName } from '../../src/soap/envelope.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { startGateway } from '../test-gateway.ts'
import { vcenterRetrieval, vcsimRetrieval, vcsimTaskUpdate } from './fixtures.ts'

export interface RecordedReply {
  readonly method: MethodName
  readonly text: string
}

/** Longer responses make mutation slow and add no coverage. */
const longest = 16_000

function recording(transport: Transport, replies: RecordedReply[]): Transport {
  return {
    close: () => transport.close(),
    async send(request) {
      const response = await transport.send(request)
      // The request for the supported versions is not a SOAP call and has no method.
      const method = /Body>\s*<(\w+) /.exec(String(request.body))?.[1] as MethodName | undefined
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      if (method && body.length <= longest) replies.push({ method, text: body.toString() })
      return {
        ...response,
        body: (async function* () {
          yield body
        })(),
      }
    },
  }
}

const operations = [
  '{ vcenters { name version } }',
  '{ virtualMachine(by: { name: "web-01" }) { name powerState host { name } disks { key capacity files { name } } datastores { name freeSpace } } }',
  '{ virtualMachine(by: { name: "web-01" }) { snapshots { name createdAt } annotation } }',
  '{ datacenters { nodes { name } } }',
  'mutation { setChangeTracking(input: { virtualMachine: { name: "web-01" }, enabled: false }) { task { state } } }',
  'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "one" }) { snapshot { moid disks { changeId allocatedAreas { nodes { start length } totalLength } } } task { state } } }',
  'mutation { createSnapshot(input: { virtualMachine: { name: "unknown" }, name: "one" }) { task { state } } }',
]

/** Runs a gateway and records the responses, and adds the fixtures of other servers. */
export async function recordReplies(): Promise<readonly RecordedReply[]> {
  const replies: RecordedReply[] = [
    { method: 'RetrievePropertiesEx', text: vcenterRetrieval },
    { method: 'RetrievePropertiesEx', text: vcsimRetrieval },
    { method: 'WaitForUpdatesEx', text: vcsimTaskUpdate },
  ]
  const gateway = startGateway({ wrap: (transport) => recording(transport, replies) })
  for (const operation of operations) await gateway.execute(operation)
  gateway.simulator.faults.fault({ _typeName: 'NoPermission', privilegeId: 'System.Read' }, { times: 2 })
  await gateway.execute('{ hosts { nodes { name } } }')
  await gateway.close()
  return replies
}
