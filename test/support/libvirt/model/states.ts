// What a domain does, by the numbers on the wire.
export const running = 1
export const paused = 3
export const shutOff = 5
