// The load of a gateway in each sample of a comparison.

import type { GatewayProcess } from './gateway-process.ts'
import type { Unit } from './measurements.ts'

export class LoadSamples {
  /** CPU time of the gateway's process, per `size`, in milliseconds. */
  readonly cpu: number[] = []
  /** The 99th percentile of the event-loop delay, in milliseconds. */
  readonly delay: number[] = []
  readonly #gateway: GatewayProcess

  constructor(gateway: GatewayProcess) {
    this.#gateway = gateway
  }

  /**
   * Measures the load during one sample.
   * @param size what the CPU time is divided by, such as the megabytes of vCenter's response; it may depend on the result
   */
  async record<T>(size: number | ((result: T) => number), work: () => Promise<T>): Promise<T> {
    await this.#gateway.load()
    const result = await work()
    const { cpuMs, delayMs } = await this.#gateway.load()
    this.cpu.push(cpuMs / (typeof size === 'number' ? size : size(result)))
    this.delay.push(delayMs)
    return result
  }

  /**
   * Adds the rows of the report.
   * @param during what the samples were taken of, if a part has several
   * @param per what the CPU time is divided by, if not the megabytes of vCenter's response
   */
  addTo(
    add: (name: string, unit: Unit, samples: readonly number[]) => void,
    { during, per }: { during?: string; per?: string } = {},
  ): void {
    const suffix = during === undefined ? '' : `, ${during}`
    add(
      `CPU time of the gateway${per === undefined ? '' : ` per ${per}`}${suffix}`,
      per === undefined ? 'ms/MB' : 'ms',
      this.cpu,
    )
    add(`event-loop delay, p99${suffix}`, 'ms', this.delay)
  }
}
