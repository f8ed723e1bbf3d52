// Progress bars, a line for each disk. Without a terminal, a line when the disk has been copied.

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export class Progress {
  readonly #output: Output
  #bars: Bar[] = []
  #printed = 0

  constructor(output: Output) {
    this.#output = output
  }

  add(label: string, total: number, done: number): Bar {
    const bar = new Bar(label, total, done, () => this.#print())
    this.#bars = [...this.#bars, bar].sort((one, other) => (one.label < other.label ? -1 : 1))
    this.#print()
    return bar
  }

  /** Ends the bars: the next one begins below them. */
  end(): void {
    if (!this.#output.isTTY) for (const bar of this.#bars) this.#output.write(`${bar.text()}\n`)
    this.#bars = []
    this.#printed = 0
  }

  #print(): void {
    if (!this.#output.isTTY) return
    const up = this.#printed > 0 ? `\x1b[${this.#printed}A` : ''
    this.#output.write(up + this.#bars.map((bar) => `\x1b[2K${bar.text()}\n`).join(''))
    this.#printed = this.#bars.length
  }
}

class Bar {
  readonly label: string
  readonly #total: number
  readonly #onChange: () => void
  #done: number

  constructor(label: string, total: number, done: number, onChange: () => void) {
    this.label = label
    this.#total = total
    this.#done = done
    this.#onChange = onChange
  }

  advance(bytes: number): void {
    this.#done += bytes
    this.#onChange()
  }

  text(): string {
    const width = 30
    const filled = this.#total === 0 ? width : Math.floor((this.#done / this.#total) * width)
    const bar = '#'.repeat(filled) + '.'.repeat(width - filled)
    return `${bar} ${mebibytes(this.#done)} of ${mebibytes(this.#total)}  ${this.label}`
  }
}

export const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`
