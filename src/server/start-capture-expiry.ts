// Starts the removal of captures whose lease has ended, with the service account of the gateway. It works without a request.

import { randomUUID } from 'node:crypto'
import { BatchScheduler } from '../concurrency/batch-scheduler.ts'
import type { Log } from '../observability/log.ts'
import { CaptureExpiry } from '../schema/captures/capture-expiry.ts'
import { type Context, inVCenter } from '../schema/context.ts'
import { OperationBudget, type OperationLimits } from '../schema/cost/operation-budget.ts'
import { BulkLists } from '../schema/execution/bulk-lists.ts'
import { ChunkedLists } from '../schema/execution/chunked-lists.ts'
import { createRequestVCenter, VCenters } from '../schema/vcenters.ts'
import type { ConnectedVCenter } from '../vcenter/connect-vcenter.ts'

/** Starts the removal. It ends when the signal is aborted; removals that run by then are completed. */
export function startCaptureExpiry(
  connected: ConnectedVCenter,
  limits: OperationLimits,
  log: Pick<Log, 'info'>,
  shutdownSignal: AbortSignal,
): void {
  const expiry = new CaptureExpiry(() => {
    const context = createServiceContext(connected, limits, log)
    return inVCenter(context, context.vcenters.only())
  })
  shutdownSignal.addEventListener('abort', () => expiry.close(), { once: true })
  expiry.start()
}

/** Creates a context for work of the gateway itself: without a client, and without limits on what it reads. */
function createServiceContext(
  connected: ConnectedVCenter,
  limits: OperationLimits,
  log: Pick<Log, 'info'>,
): Context {
  const batchScheduler = new BatchScheduler()
  const budget = new OperationBudget(limits)
  const requestId = randomUUID()
  return {
    requestId,
    viewer: { name: null, role: 'OPERATOR' },
    vcenters: new VCenters([createRequestVCenter(connected.vcenter, {}, batchScheduler)]),
    pageSizes: connected.pageSizes,
    callOptions: {},
    budget,
    batchScheduler,
    chunkedLists: new ChunkedLists(batchScheduler),
    bulkLists: new BulkLists(budget),
    forBackground: () => createServiceContext(connected, limits, log),
    audit: (entry) => log.info('mutation', { audit: true, requestId, ...entry }),
    mutationRecords: [],
  }
}
