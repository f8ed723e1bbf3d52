// Realistic names for larger inventories, made of location, department, application and environment.

export interface Branch {
  readonly name: string
  /** Prefix of the names at this branch. */
  readonly code: string
  /** Number of its first generated cluster; lower numbers belong to the named containers. */
  readonly firstNumber: number
}

/** The first two exist in every inventory. */
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

/** The machines of an application in one environment, which share a folder. */
export interface Workload {
  readonly department: string
  readonly application: string
  readonly environment: string
  /** Such as `shop-prd`. */
  readonly prefix: string
}

/**
 * Returns the workload at an index: all environments of an application, then an application of the next
 * department. When all applications are used, they repeat as `shop2` and so on.
 */
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

/** Returns a name such as `fra-shop-prd-web07`; the roles repeat in turn. */
export const machineName = ({ code }: Branch, { prefix }: Workload, index: number): string =>
  `${code}-${prefix}-${roles[index % roles.length]}${twoDigits(index + 1)}`
