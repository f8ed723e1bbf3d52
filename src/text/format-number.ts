// Formats counts and limits in messages.

/** Groups the digits of an integer, such as `1,103,001`. */
export const formatNumber = (value: number): string => value.toLocaleString('en-US')
