// Replies to every kind of call that a gateway makes, as the simulator sends them, with the method that each answers.

import type { MethodName } from '../../src/soap/envelope.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { startGateway } from '../test-gateway.ts'
import { vcenterRetrieval, vcsimRetrieval, vcsimTaskUpdate } from './fixtures.ts'

export interface RecordedReply {
  readonly method: MethodName
  readonly text: string
}

/** Mutating longer ones takes time and shows nothing more. */
const longest = 16_000

function recording(transport: Transport, replies: RecordedReply[]): Transport {
  return {
    close: () => transport.close(),
    async send(request) {
      const response = await transport.send(request)
      // None where the versions that a server speaks are asked for, which is no call.
      const method = /Body>\s*<(\w+) /.exec(String(request.body))?.[1] as MethodName | undefined
      const pieces: Uint8Array[] = []
      for await (const piece of response.body) pieces.push(piece)
      const body = Buffer.concat(pieces)
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
  'mutation { createSnapshot(input: { virtualMachine: { name: "nobody" }, name: "one" }) { task { state } } }',
]

/** Runs a gateway and keeps what it was answered, and the replies of other servers that the tests know. */
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
