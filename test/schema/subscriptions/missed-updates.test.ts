// Tests virtual machines whose enter or leave the update stream never reports: a comparison with the
// inventory finds them.

import { expect, onTestFinished, test, vi } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import { createUndiciTransport } from '../../../src/transport/undici-transport.ts'
import { startSoapProxy } from '../../soap-proxy.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

const compareMs = 5 * 60_000

/**
 * A gateway on a server that omits updates of one kind, and that compares the inventory when the test
 * advances the clock.
 */
async function without(kind: 'enter' | 'leave') {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const simulator = createSimulator()
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  const gateway = startGateway({
    simulator,
    pageSizeDefault: 10,
    limits: { objects: 50 },
    wrap: () => createUndiciTransport({ url: proxy.url, userAgent: 'test' }),
  })
  onTestFinished(async () => {
    await gateway.close()
    await proxy.close()
    await simulator.close()
  })
  let dropped = 0
  let isDropping = false
  proxy.on('WaitForUpdatesEx', (call) =>
    call.rewrite((text) =>
      text.replace(/<objectSet>.*?<\/objectSet>/gs, (update) => {
        if (!isDropping || !update.includes(`<kind>${kind}</kind>`)) return update
        dropped += 1
        return ''
      }),
    ),
  )
  const subscription = await subscribe(
    await gateway.listen(),
    'subscription { inventoryChanges(filter: { virtualMachine: { name: { glob: "new*" } } }) { initial changes { kind entity { name } } } }',
  )
  onTestFinished(() => subscription.abortClient())
  expect((await subscription.next())?.data.inventoryChanges).toEqual({ initial: false, changes: [] })
  isDropping = true
  return {
    simulator,
    dropped: () => dropped,
    changes: async () => (await subscription.next())?.data.inventoryChanges.changes,
  }
}

test('does not add up the objects of comparisons that find no change', async () => {
  const { simulator, changes } = await without('leave')
  const scans = () => simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
  for (let round = 0; round < 6; round += 1) {
    const before = scans()
    vi.advanceTimersByTime(compareMs)
    await expect.poll(scans).toBeGreaterThan(before)
  }
  simulator.inventory.add('new-01')
  expect(await changes()).toEqual([{ kind: 'ENTER', entity: { name: 'new-01' } }])
})

test('reports LEAVE for a virtual machine that vanishes without a leave update', async () => {
  const { simulator, dropped, changes } = await without('leave')
  simulator.inventory.add('new-01')
  expect(await changes()).toEqual([{ kind: 'ENTER', entity: { name: 'new-01' } }])
  simulator.inventory.destroy('new-01')
  await expect.poll(dropped).toBeGreaterThan(0)
  vi.advanceTimersByTime(compareMs)
  expect(await changes()).toEqual([{ kind: 'LEAVE', entity: null }])
})

test('reports ENTER for a virtual machine without an enter update', async () => {
  const { simulator, dropped, changes } = await without('enter')
  simulator.inventory.add('new-01')
  await expect.poll(dropped).toBeGreaterThan(0)
  vi.advanceTimersByTime(compareMs)
  expect(await changes()).toEqual([{ kind: 'ENTER', entity: { name: 'new-01' } }])
})
