"""The other papers of the English meeting: minutes (5 pages), report (12), budget (40, landscape), notes."""

from __future__ import annotations

import random

from samples.book import Book
from samples.charts import bars, lines, shares

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
DIVISIONS = ["Emergency care", "Surgery", "Medicine", "Women's care", "Children's care", "Cancer services", "Diagnostics", "Pharmacy",
             "Theatres", "Estates", "Digital", "Education", "Research"]  # fmt: skip

MINUTES = {
    "Welcome and declarations": [
        "The Chair welcomed members and, attending for the first time, Mr Tomasz Weller, Director of Estates. Apologies were received from Professor Imre Halloran.",
        "Ms Ines Calloway declared that her brother is employed by one of the firms tendering for item 6. It was agreed that she would stay for the discussion and leave for the vote.",
    ],
    "Minutes and matters arising": [
        "The minutes of 24 September were approved with one correction: the figure for agency spending in paragraph 4.3 should read £1.84 million.",
        "Action 31 (night-time transfers): closed. Transfers after 22:00 fell from 212 to 97 in the quarter. Action 34 (lift 7): open; the new controller is due on 9 January.",
        "Action 36 (visiting hours): closed. Open visiting has been in place on all adult wards since 1 October; complaints about visiting have fallen by half.",
    ],
    "Chief Executive's report": [
        "Professor Adaeze Lindqvist reported a demanding autumn. Attendances were 6.2 per cent above plan, while the median time to a first assessment improved from 41 to 33 minutes.",
        "Members asked whether the improvement would hold through January. The Chief Operating Officer said that the assessment unit was now staffed to midnight and that this was funded until April only.",
        "The Board thanked the portering team, whose redesign of the evening rota had been taken up by two neighbouring hospitals.",
    ],
    "Quality and safety": [
        "There were no never events. Two serious incidents were reported; both families have been met and have agreed to the terms of the review.",
        "Mrs Okafor-Hale asked why hand-hygiene scores differed by fourteen points between two wards with the same layout. The Medical Director will report on the cause, not the score, in January.",
        "The Board heard a recording from a patient who had waited nine hours for a bed and who had been told, each time she asked, exactly what she was waiting for. Members agreed that this was the standard to keep.",
    ],
    "Finance": [
        "At month eight the position was a deficit of £2.1 million, £0.4 million better than plan. Cash stood at £38.6 million. Capital spending was behind plan because of the delay to the pharmacy robot.",
        "The Board approved the budget framework for 2027 and asked for the savings programme to show, for each scheme, who would notice and how.",
    ],
    "The Linden Wing": [
        "Mr Weller presented the draft full business case. Members welcomed option C and asked for three things before approval: a second opinion on inflation, a plan for the lime trees, and a plain account of what happens if births do not rise.",
        "Ms Calloway left the room. It was resolved to bring the full business case to the December meeting.",
    ],
    "Any other business and close": [
        "The Chair reported that the hospital choir would sing in the main hall on 18 December at noon. There being no other business, the meeting closed at 16:35.",
    ],
}


def minutes(cards: int) -> str:
    """The minutes, with ``cards`` pages of action log."""
    book = Book("{}. ", "Contents")
    book.p(
        "Present: Dame Honora Whitcombe (Chair), Professor Adaeze Lindqvist, Dr Samuel Brandt, Ms Ines Calloway, Mr Ruben Castellane, Mrs Miriam Okafor-Hale, Mr Tomasz Weller. In attendance: Ms Petra Lund (Secretary)."
    )
    for number, (title, paragraphs) in enumerate(MINUTES.items(), 1):
        book.h3(f"{number}. {title}")
        book.p(*(f"{number}.{index} {words}" for index, words in enumerate(paragraphs, 1)))
    rnd = random.Random(5)
    for sheet in range(cards):
        log = Book()
        log.table("", ["No.", "Action", "Owner", "Due", "State"], [
            [str(31 + sheet * 20 + i), rnd.choice(["Report on night-time transfers", "Renew controller of lift 7", "Publish waiting times hourly",
             "Second opinion on inflation", "Plan for the lime trees", "Review of outpatient letters", "Winter rota of the assessment unit",
             "Visit to the neonatal network", "Audit of lone working", "Plain-language consent forms"]),
             rnd.choice(["T. Weller", "S. Brandt", "R. Castellane", "M. Okafor-Hale"]), f"{rnd.randint(1, 28)} {rnd.choice(['Jan', 'Feb', 'Mar'])} 2027",
             rnd.choice(["open", "open", "closed", "late"])] for i in range(20)])  # fmt: skip
        book.card(f"Action log, sheet {sheet + 1}", log)
    return book.plain(
        "Board of Directors: minutes",
        "St. Aldwyn University Hospital, Founders' Room, 26 November 2026, 14:00",
    )


def report(cards: int) -> str:
    """The Chief Executive's report, with ``cards`` pages on divisions."""
    book, rnd = Book("{}. ", "Contents"), random.Random(12)
    _quarter(book)
    _topics(book)
    for division in DIVISIONS[:cards]:
        part = _division(rnd, division)
        book.card(division, part)
    return book.html(
        "Chief Executive's report",
        "Professor Adaeze Lindqvist",
        "St. Aldwyn University Hospital\nBoard of Directors\n17 December 2026",
    )


def _quarter(book: Book) -> None:
    book.h1("The quarter in brief")
    book.facts(
        ("33 min", "median to first assessment, was 41"),
        ("92.4%", "would recommend us"),
        ("£2.1 m", "deficit, £0.4 m better than plan"),
    )
    book.p(
        "This was the busiest autumn on record and, by most measures, a safer one. What changed was small: an assessment unit that stays open until midnight, "
        "porters who choose their own evening rota, and a screen in every waiting room that says honestly how long it will take.",
        "Not everything went well. Outpatient letters still take eleven days on average. The pharmacy robot is four months late. And one in six "
        "new nurses leaves within a year; when we ask why, most say the rota, not the pay.",
    )
    book.figure(
        lines(
            MONTHS,
            [
                ("2025", [38, 39, 40, 42, 41, 40, 43, 44, 42, 41, 41]),
                ("2026", [40, 41, 41, 40, 39, 38, 38, 37, 35, 34, 33]),
            ],
            "minutes",
            (640, 250),
        ),
        "Median time to first assessment",
    )


def _topics(book: Book) -> None:
    book.h1("People, quality, money")
    for title, words in (
        (
            "People",
            "Vacancies fell from 9.1 to 7.4 per cent. Self-rostering is live on fourteen wards; sickness on those wards is a fifth lower.",
        ),
        (
            "Quality",
            "Pressure ulcers are down by 28 per cent after mattresses were replaced on a fixed cycle. No never events in the quarter.",
        ),
        (
            "Money",
            "Agency spending fell to £1.2 million a month. The savings programme has delivered £11.3 million of £16 million.",
        ),
        (
            "Digital",
            "The new results portal was opened by 41,000 patients in its first month, a third of them after nine in the evening.",
        ),
        (
            "Research",
            "Three trials opened, among them the first on warm-light wards; the hospital recruited 1,120 participants.",
        ),
    ):
        book.h3(title)
        book.p(words)
    book.figure(
        shares(
            [
                ("Pay", 412),
                ("Drugs", 96),
                ("Supplies", 71),
                ("Premises", 48),
                ("Clinical negligence", 22),
                ("Other", 31),
            ],
            "£m",
            (640, 120),
        ),
        "Where the money goes",
    )


def _division(rnd: random.Random, division: str) -> Book:
    part = Book()
    part.facts(
        (f"{rnd.uniform(86, 97):.1f}%", "would recommend"),
        (f"{rnd.uniform(4, 11):.1f}%", "vacancies"),
        (f"{rnd.uniform(-1.9, 1.2):+.1f} m", "£ against plan"),
    )
    part.p(f"{division} {rnd.choice(['kept its promises to patients', 'had a mixed quarter', 'improved on every measure but one'])}. "
           f"The team is proudest of {rnd.choice(['its new handover', 'halving cancelled sessions', 'the teaching it gave', 'answering every call within a minute'])}, "
           f"and most worried about {rnd.choice(['winter beds', 'ageing equipment', 'two retirements in spring', 'space for families'])}.")  # fmt: skip
    part.figure(
        bars(
            MONTHS,
            [
                ("Plan", [rnd.uniform(60, 80) for _ in MONTHS]),
                ("Actual", [rnd.uniform(58, 88) for _ in MONTHS]),
            ],
            "cases a day",
            (640, 240),
        ),
        f"{division}: activity",
    )
    part.table("", ["Measure", "Plan", "Actual", "Last year"], [[m, rnd.uniform(60, 99), rnd.uniform(60, 99), rnd.uniform(60, 99)] for m in (
        "Seen within the standard, %", "Letters within five days, %", "Appraisals done, %", "Mandatory training, %", "Theatre use, %", "Beds free at noon, %")])  # fmt: skip
    return part


LINES = [
    "Doctors",
    "Nurses",
    "Therapists",
    "Support staff",
    "Agency",
    "Drugs",
    "Devices",
    "Energy",
    "Cleaning",
    "Training",
    "Other",
]


def budget(cards: int) -> str:
    """The budget, landscape, with ``cards`` one-page tables."""
    book, rnd = Book("{}. ", "Contents"), random.Random(41)
    book.h1("Framework")
    book.p(
        "The budget for 2027 assumes activity 2.8 per cent above this year's outturn, pay awards of 3.1 per cent and savings of £17.5 million. It balances in the fourth quarter and ends the year with a surplus of £0.6 million."
    )
    book.figure(
        bars(
            ["Pay", "Drugs", "Supplies", "Premises", "Other"],
            [("2026", [412, 96, 71, 48, 53]), ("2027", [421, 101, 70, 46, 52])],
            "£ million",
            (860, 260),
        ),
        "Spending by kind",
    )
    for number in range(cards):
        division, view = (
            DIVISIONS[number % 13],
            ("Revenue budget", "Workforce plan", "Savings schemes")[number // 13 % 3],
        )
        part = _budget_table(rnd)
        part.p(f"{division} {rnd.choice(['accepts this budget', 'accepts this budget with a reservation on agency cost', 'asks for a review in June'])}. "
               f"{rnd.choice(['Energy assumes the fixed contract to September.', 'Savings come from fewer duplicate tests.', 'Two posts move to the assessment unit.'])}")  # fmt: skip
        book.card(f"Table {number + 1}: {division}, {view.lower()}", part)
    return book.html(
        "Budget 2027",
        "Ruben Castellane, Director of Finance",
        "St. Aldwyn University Hospital\nBoard of Directors\n17 December 2026",
        wide=True,
    )


def _budget_table(rnd: random.Random) -> Book:
    part, rows = Book(), []
    for item in LINES:
        quarter = [rnd.uniform(20, 2400) for _ in range(4)]
        rows.append(
            [
                item,
                sum(quarter) * rnd.uniform(0.9, 1.05),
                sum(quarter) * rnd.uniform(0.93, 1.03),
                *quarter,
                sum(quarter),
                rnd.uniform(-6, 7),
            ]
        )
    rows.append(["Total", *[sum(row[i] for row in rows) for i in range(1, 8)], rnd.uniform(-2, 3)])
    part.table(
        "£ thousand",
        [
            "Line",
            "Budget 2026",
            "Outturn 2026",
            "Q1",
            "Q2",
            "Q3",
            "Q4",
            "Budget 2027",
            "Change %",
        ],
        rows,
        total=True,
    )
    return part


AGENDA = """# Board of Directors, 17 December 2026

*Founders' Room, 14:00. Papers are on the terminals; please bring nothing printed.*

| | Item | Lead | Minutes |
|---|---|---|---|
| 1 | Opening and minutes | Dame Honora Whitcombe | 10 |
| 2 | Chief Executive's report | Prof. Adaeze Lindqvist | 25 |
| 3 | Budget 2027 | Ruben Castellane | 25 |
| 4 | The Linden Wing | Tomasz Weller | 40 |
| 5 | Policy on speaking up | Dr Samuel Brandt | 15 |
| 6 | Any other business | Chair | 5 |

## For decision

1. **Approve** the budget for 2027.
2. **Approve** the full business case of the Linden Wing and release £14.2 million.
3. **Adopt** the revised policy on speaking up.

> A good question is a contribution. So is a short one.
"""

SPEAK_UP = """What staff told us before this revision
=======================================

312 people answered between 5 October and 6 November.

  78 %  know whom to tell when something is unsafe
  61 %  believe that something would change
  44 %  have spoken up in the last year
  19 %  say that they were treated worse afterwards

In their words

  "I told the sister at night and by breakfast the trolley was gone."
  "Nobody was unkind. Nobody came back to me either."
  "It should not take courage to say that a drawer is mislabelled."

What is different in the new policy

  - an answer within three working days, to everybody who gave a name
  - a way to speak up that does not lead through one's own manager
  - figures on outcomes, every quarter, in this Board's papers

Contact: Dr Samuel Brandt, Medical Director, extension 4410
"""

GLANCE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Policy at a glance</title>
<style>body{font:18px/1.7 Georgia,serif;margin:36px auto;max-width:820px;color:#222}h1{font:700 30px sans-serif;color:#1f4e79}
ol{counter-reset:s;list-style:none;padding:0}li{margin:0 0 16px;padding:16px 20px 16px 68px;background:#f2f5f7;border-radius:10px;position:relative}
li::before{counter-increment:s;content:counter(s);position:absolute;left:20px;top:8px;font:700 32px sans-serif;color:#c0562f}</style>
<h1>Speaking up, at a glance</h1>
<ol><li><b>Say it.</b> To whoever is in charge, in your own words. It need not be in writing.</li>
<li><b>If that is hard,</b> call 4411. A guardian who is not in your line of management answers day and night.</li>
<li><b>Within three working days</b> you hear what will be done, and by whom.</li>
<li><b>If you are treated worse for it,</b> that is a matter for the Medical Director in person.</li>
<li><b>Every quarter</b> the Board sees what was raised and what changed.</li></ol></html>
"""
