// vim25 counts some sizes in MB, and means 1,048,576 bytes by it. The schema counts all in bytes.

export const megabytes = (count: number | bigint): number | bigint =>
  typeof count === 'bigint' ? count * 1_048_576n : count * 1_048_576
