/** Canonical texts of bytes, bit strings and UUIDs. Each function gives undefined for what is not of its form. */

/** Base64 with padding; refuses what Node would decode leniently. */
export function canonicalBase64(text: string): string | undefined {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? text : undefined;
}

/** Binary digits without leading zeros. */
export function canonicalBits(text: string): string | undefined {
  return /^[01]+$/.test(text) ? text.replace(/^0+(?=.)/, '') : undefined;
}

/** Lower-case with hyphens. */
export function canonicalUuid(text: string): string | undefined {
  const hex = text.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function uuidOfBytes(bytes: Buffer): string | undefined {
  return bytes.length === 16 ? canonicalUuid(bytes.toString('hex')) : undefined;
}

export function bytesOfUuid(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}
