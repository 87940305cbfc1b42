/**
 * A calendar file of all-day events (RFC 5545). A day is a number, days since 1970-01-01: no clock and no time zone in it.
 * The uid of an event stays the same for the same event, so a second import moves it and makes no second one.
 */
export interface Event { uid: string; day: number; title: string; text?: string }

export function ics(events: Event[], name: string): string {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, ""); // 20260315T090000Z
  const sequence = Math.floor(Date.now() / 1000 - 1_700_000_000); // a later file replaces an earlier one; below 2^31 until 2091
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Strong Hire//Strong Hire//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", `X-WR-CALNAME:${escaped(name)}`];
  for (const { uid, day, title, text } of events) {
    lines.push("BEGIN:VEVENT", `UID:${escaped(uid)}`, `DTSTAMP:${now}`, `SEQUENCE:${sequence}`, `DTSTART;VALUE=DATE:${date(day)}`,
      `DTEND;VALUE=DATE:${date(day + 1)}`, `SUMMARY:${escaped(title)}`, ...(text ? [`DESCRIPTION:${escaped(text)}`] : []), "TRANSP:TRANSPARENT", "END:VEVENT");
  }
  return [...lines, "END:VCALENDAR"].map(folded).join("\r\n") + "\r\n";
}

function date(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10).replace(/-/g, "");
}

/** Text as a property's value: no raw line end, and no control character that a strict reader refuses. */
function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r\n?|\n/g, "\\n").replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "");
}

/** At most 75 octets a line, and no character cut in two: what goes on starts with a space. */
function folded(line: string): string {
  const octets = (character: string) => new TextEncoder().encode(character).length;
  let out = "", length = 0;
  for (const character of line) {
    if (length + octets(character) > 75) {
      out += "\r\n ";
      length = 1;
    }
    out += character;
    length += octets(character);
  }
  return out;
}
