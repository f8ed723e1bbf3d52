// How people name what a larger inventory has: by where it is, whose it is and what it is for.

export interface Branch {
  readonly name: string
  /** What names begin with there. */
  readonly code: string
  /** The number of its first new cluster: the named places have those before. */
  readonly firstNumber: number
}

/** The first two are there in every inventory. */
export const branches: readonly Branch[] = [
  { name: 'Frankfurt', code: 'fra', firstNumber: 2 },
  { name: 'Oregon', code: 'ore', firstNumber: 2 },
  { name: 'Singapore', code: 'sin', firstNumber: 1 },
  { name: 'Dublin', code: 'dub', firstNumber: 1 },
  { name: 'São Paulo', code: 'sao', firstNumber: 1 },
  { name: 'Sydney', code: 'syd', firstNumber: 1 },
]

const applications: readonly (readonly [department: string, applications: readonly string[]])[] = [
  ['Sales', ['shop', 'crm', 'pricing', 'portal']],
  ['Logistics', ['warehouse', 'routing', 'labels', 'fleet']],
  ['Finance', ['billing', 'ledger', 'payroll', 'reports']],
  ['Engineering', ['build', 'artifacts', 'tracker', 'lab']],
  ['Human Resources', ['hiring', 'learning', 'badges', 'travel']],
  ['Platform', ['monitoring', 'logging', 'identity', 'backup']],
]
const environments = [
  ['Production', 'prd'],
  ['Staging', 'stg'],
  ['Test', 'tst'],
  ['Development', 'dev'],
] as const
const roles = ['web', 'app', 'db', 'cache', 'queue', 'worker'] as const

/** An application's machines of one environment: a folder's worth. */
export interface Workload {
  readonly department: string
  readonly application: string
  readonly environment: string
  /** Such as `shop-prd`. */
  readonly prefix: string
}

/** The one with the number: all environments of an application, then the next department's; applications return as `shop2`. */
export function workloadAt(index: number): Workload {
  const [environment, short] = environments[index % environments.length] ?? environments[0]
  const department = Math.floor(index / environments.length)
  const [name = '', own = []] = applications[department % applications.length] ?? []
  const number = Math.floor(department / applications.length)
  const round = Math.floor(number / own.length)
  const application = `${own[number % own.length]}${round === 0 ? '' : round + 1}`
  return { department: name, application, environment, prefix: `${application}-${short}` }
}

export const twoDigits = (number: number): string => String(number).padStart(2, '0')

/** Such as `fra-shop-prd-web07`; numbers go round the roles. */
export const machineName = ({ code }: Branch, { prefix }: Workload, index: number): string =>
  `${code}-${prefix}-${roles[index % roles.length]}${twoDigits(index + 1)}`
