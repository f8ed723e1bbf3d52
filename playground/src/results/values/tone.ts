// The colour of an enum value, by its words. The text of the value is always shown too.

export type Tone = 'good' | 'warning' | 'bad' | 'neutral'

const tones: readonly (readonly [Tone, RegExp])[] = [
  [
    'bad',
    /\b(?:RED|ERROR|CRITICAL|FAILED|FAILURE|DISCONNECTED|INACCESSIBLE|INVALID|ORPHANED|UNSUPPORTED|MISSING|NOT ALLOWED)\b/,
  ],
  [
    'warning',
    /\b(?:YELLOW|WARNING|SUSPENDED|QUEUED|RUNNING NOT|NOT RUNNING|UNKNOWN|OLD|NEED UPGRADE|BLOCKED)\b/,
  ],
  ['good', /\b(?:GREEN|SUCCESS|POWERED ON|CONNECTED|CURRENT|RUNNING|NORMAL|UP|OK|ALLOWED)\b/],
]

export const toneOf = (value: string): Tone =>
  tones.find(([, pattern]) => pattern.test(value.replaceAll('_', ' ')))?.[0] ?? 'neutral'
