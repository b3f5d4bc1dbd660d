"""The business case of 200 pages: eight chapters, then room data sheets, one page a room."""

from __future__ import annotations

import random

from samples.book import Book
from samples.charts import bars, lines, shares

DEPARTMENTS = {
    "Emergency and assessment": ["Resuscitation bay", "Triage room", "Treatment cubicle", "Relatives' room", "Plaster room"],
    "Maternity": ["Delivery room", "Birthing pool room", "Obstetric theatre", "Recovery bay", "Family room"],
    "Neonatal care": ["Intensive cot bay", "High-dependency bay", "Milk kitchen", "Parents' overnight room"],
    "Paediatrics": ["Single bedroom", "Four-bed bay", "Play room", "School room", "Infusion suite"],
    "Imaging": ["MRI scanner room", "Control room", "Ultrasound room", "Reporting room"],
    "Theatres": ["Operating theatre", "Anaesthetic room", "Scrub-up", "Clean preparation", "Stage-one recovery"],
    "Outpatients": ["Consulting room", "Clean utility", "Phlebotomy room", "Therapy gym"],
    "Support": ["Staff rest room", "Seminar room", "Dispensary", "Equipment store", "Switch room"],
}  # fmt: skip
FINISHES = [
    "welded vinyl sheet, coved skirting",
    "rubber sheet, dissipative",
    "carpet tile, wool blend",
    "sealed resin, slip-resistant",
]
NEEDS = [
    "A clear turning circle of {d}.5 m is kept beside the bed so that a hoist can be used from either side.",
    "Daylight is required; the sill is no higher than {c} cm so that a person lying down can see out.",
    "Sound insulation to the corridor is at least {s} dB, because conversations here are confidential.",
    "Two means of calling for help are provided, one of them within reach of the floor.",
    "Hand-wash basins are hands-free and stand where everybody entering the room passes them.",
    "Ventilation gives {v} air changes an hour, with the room at positive pressure to the corridor.",
    "Lighting is dimmable from {l} lux to 20 lux for night care, with no flicker visible on camera.",
    "Services are reached from the corridor ceiling, so that maintenance never stops clinical work.",
    "The room can be cleaned and turned round by one person within {d}0 minutes.",
    "Wall protection runs to 1.2 m; colours keep a light-reflectance difference of 30 points for people with low vision.",
]  # fmt: skip
ITEMS = ["Bed head unit", "Pendant, double arm", "Examination lamp", "Hand-wash basin", "Clinical waste bin", "Monitor bracket",
         "Nurse call unit", "Data outlet, double", "Oxygen outlet", "Medical air outlet", "Vacuum outlet", "Blanket warmer",
         "Drug cupboard", "Procedure trolley", "Reclining chair", "Whiteboard", "Hoist rail", "Storage wall, modular"]  # fmt: skip
QUARTERS = [f"Q{q} {y}" for y in (27, 28, 29, 30) for q in (1, 2, 3, 4)]


def case(cards: int) -> str:
    """The whole business case with ``cards`` room data sheets."""
    book, rnd = Book("{}. ", "Contents"), random.Random(2026)
    for chapter in (_summary, _strategic, _options, _clinical, _design, _money, _delivery, _risks):
        chapter(book, rnd)
    _rooms(book, rnd, cards)
    return book.html(
        "The Linden Wing\nA new home for women's and children's care",
        "Full business case, version 3.2",
        "St. Aldwyn University Hospital\nEstates and Capital Programme\nDecember 2026",
    )


def _summary(book: Book, rnd: random.Random) -> None:
    book.h1("Summary")
    book.facts(
        ("214 beds and cots", "in place of 168 today"),
        ("£286.4 m", "capital cost, outturn"),
        ("March 2031", "first families move in"),
    )
    book.h2("What we ask of the Board")
    book.p(
        "The Board is asked to approve this full business case, to release £14.2 million for enabling works in 2027, and to authorise the "
        "Chief Executive to sign the works agreement with the preferred contractor once the planning conditions have been discharged.",
        "The Linden Wing brings maternity, neonatal care, paediatrics and the emergency front door for children under one roof. Today they are "
        "spread over four buildings from 1934 to 1978; a sick newborn is carried across a public car park forty times a year. That ends.",
    )
    book.h2("Why now")
    book.p(
        "The steam main that heats the old maternity block has failed twice in three winters and its insurer will not renew beyond 2030. The regional "
        "birth forecast, after ten flat years, rises by eleven per cent to 2036 as the Harrow Meadows quarter is built. And the neonatal network "
        "has asked St. Aldwyn to become its second intensive care centre, with revenue support that lapses if cots are not open by 2031.",
        "Delay is not free. Each year of waiting adds £9.1 million in construction inflation and £2.3 million in backlog repairs, and it keeps "
        "1,400 staff in rooms that cost them time on every shift.",
    )


def _strategic(book: Book, rnd: random.Random) -> None:
    book.h1("Strategic case")
    years = [str(year) for year in range(2016, 2037, 2)]
    for name in DEPARTMENTS:
        start, growth = rnd.uniform(2.1, 38), rnd.uniform(0.01, 0.05)
        load = [start * (1 + growth) ** i * rnd.uniform(0.96, 1.04) for i in range(len(years))]
        book.h2(name)
        book.p(
            f"Activity has grown by {growth:.1%} every two years and is expected to reach {load[-1]:.1f} thousand contacts in 2036. Occupancy at "
            f"midnight averaged {rnd.uniform(81, 97):.0f} per cent last winter against a safe level of 85, and {rnd.randint(40, 320)} planned "
            "admissions were put off on the day because no suitable room was free.",
            f"Staff told us that the layout costs them {rnd.randint(18, 55)} minutes a shift in walking. In the exit survey, "
            f"{rnd.randint(61, 88)} per cent of families praised their care and {rnd.randint(31, 58)} per cent complained about noise or privacy.",
        )
        book.figure(lines(years, [("Contacts (thousand)", load), ("Safe capacity today", [start * 1.08] * len(years))], "thousand", (640, 230)),
                    f"{name}: activity and safe capacity")  # fmt: skip
        book.table(f"{name}: measures", ["Measure", "2024", "2025", "2026", "Target 2031"], [
            ["Occupancy, %", rnd.uniform(86, 92), rnd.uniform(88, 94), rnd.uniform(90, 97), "85"],
            ["Median wait, minutes", rnd.randint(30, 90), rnd.randint(30, 90), rnd.randint(40, 110), "25"],
            ["Falls per 1,000 bed days", rnd.uniform(2, 4), rnd.uniform(2, 4), rnd.uniform(2, 4), "1.8"],
            ["Staff turnover, %", rnd.uniform(9, 15), rnd.uniform(9, 15), rnd.uniform(9, 17), "9.0"]])  # fmt: skip


def _options(book: Book, rnd: random.Random) -> None:
    book.h1("Options")
    options = (
        (
            "A. Do the minimum",
            "Replace the steam main and refurbish ward by ward behind hoardings over nine years.",
            118.0,
            41,
        ),
        (
            "B. Extend the 1978 block",
            "Two new floors on a structure that needs strengthening first; theatres stay where they are.",
            204.0,
            58,
        ),
        (
            "C. New wing on Linden Court",
            "One new building beside the main theatres, joined by a bridge at level 2.",
            286.4,
            86,
        ),
        (
            "D. New wing off site",
            "A stand-alone hospital at Harrow Meadows, with its own imaging and theatres.",
            402.0,
            63,
        ),
    )
    for name, words, cost, score in options:
        book.h2(name)
        book.p(
            words,
            f"Capital cost is £{cost:.1f} million. The clinical panel scored it {score} of 100 for quality, access, flexibility and disruption during "
            f"building. Net present value over sixty years is £{(score - 60) * 4.7:.1f} million against doing nothing.",
        )
        rows = [[criterion, weight, value := min(10.0, max(1.0, score / 10 + rnd.uniform(-1.5, 1.5))), weight * value / 10]
                for criterion, weight in (("Clinical quality", 30), ("Access for families", 15), ("Staff", 15), ("Flexibility", 15),
                                          ("Disruption while building", 10), ("Carbon", 15))]  # fmt: skip
        book.table(f"{name}: scores", ["Criterion", "Weight", "Score of 10", "Weighted"], rows)
    book.figure(bars(["A", "B", "C", "D"], [("Benefit score", [41, 58, 86, 63]), ("Cost, £m / 5", [23.6, 40.8, 57.3, 80.4])], "", (640, 240)),
                "Benefit and cost of the four options")  # fmt: skip


def _clinical(book: Book, rnd: random.Random) -> None:
    book.h1("Clinical model")
    stories = [
        (
            "A normal birth",
            "Parents arrive at the garden entrance, are met by name, and stay in one room from labour to going home.",
        ),
        (
            "An emergency caesarean",
            "The theatre is on the same floor, 38 metres away through two doors that open by themselves.",
        ),
        (
            "A baby of 26 weeks",
            "Resuscitation, intensive cot and parents' room lie on one axis; nobody uses a public lift.",
        ),
        (
            "A child with asthma",
            "Assessment within fifteen minutes, a bed by the window overnight, school room in the morning.",
        ),
        (
            "A teenager in crisis",
            "A quiet room with its own way in, safe by design and without looking like a cell.",
        ),
        (
            "A planned operation",
            "Arrival, operation and recovery on one level; parents are there when the child falls asleep and wakes up.",
        ),
    ]
    for title, words in stories:
        book.h2(title)
        book.p(words, f"Today this takes {rnd.randint(3, 7)} moves between {rnd.randint(2, 4)} buildings. In the Linden Wing it takes "
               f"{rnd.randint(0, 2)}. We expect to save {rnd.randint(900, 4200):,} hours of nursing time a year on this pathway alone, and to lower "
               f"unplanned returns from {rnd.uniform(5, 8):.1f} to {rnd.uniform(3, 4.5):.1f} per cent.")  # fmt: skip
        book.table("Staffing by shift", ["Role", "Early", "Late", "Night", "Change"],
                   [[role, rnd.randint(2, 14), rnd.randint(2, 12), rnd.randint(1, 9), f"{rnd.randint(-3, 4):+d}"]
                    for role in ("Midwives", "Neonatal nurses", "Children's nurses", "Doctors", "Therapists", "Support staff")])  # fmt: skip


def _design(book: Book, rnd: random.Random) -> None:
    book.h1("Design")
    for level, words in enumerate((
        "Garden entrance, children's emergency and imaging; the café faces the square.", "Maternity: sixteen birth rooms around two courtyards.",
        "Theatres and bridge to the main building; obstetric theatre next to recovery.", "Neonatal care, 44 cots, with sixteen rooms for parents.",
        "Children's wards, 72 single rooms and six bays, school and play terrace.", "Plant, helipad lift and a staff garden.",
    )):  # fmt: skip
        book.h2(f"Level {level}")
        book.p(words, f"Gross floor area is {rnd.randint(4100, 6900):,} m². Structure is a concrete frame on a 7.8 m grid with cross-laminated timber "
               f"above level 3; floor-to-floor height {rnd.uniform(4.1, 4.7):.2f} m leaves room for services that are not known yet.")  # fmt: skip
        book.table("Areas", ["Zone", "Rooms", "Net m²", "Gross m²", "Efficiency %"],
                   [[zone, rnd.randint(3, 40), a := rnd.uniform(120, 1400), a * 1.46, rnd.uniform(64, 71)]
                    for zone in ("Clinical", "Family", "Staff", "Support", "Circulation", "Plant")])  # fmt: skip
    book.h2("Carbon and energy")
    book.p(
        "All-electric heating from a shared ground loop, 2,900 m² of photovoltaics and timber floors bring embodied carbon to 540 kg/m² and energy use to 118 kWh/m² a year, less than half of the buildings it replaces."
    )


def _money(book: Book, rnd: random.Random) -> None:
    book.h1("Financial case")
    parts = [
        ("Works", 168.2),
        ("Equipment", 31.5),
        ("Fees", 26.9),
        ("Inflation", 24.8),
        ("Risk", 21.6),
        ("Other", 13.4),
    ]
    book.figure(shares(parts, "£m", (640, 120)), "Capital cost of £286.4 million")
    for part, value in parts:
        book.h2(part)
        rows, left = [], value
        for quarter in QUARTERS[:-1]:
            spent = value / 16 * rnd.uniform(0.4, 1.5)
            left -= spent
            rows.append([quarter, spent * 1.02, spent, value - left, left])
        rows.append([QUARTERS[-1], left, left, value, 0.0])
        book.table(
            f"{part}: spend, £ million",
            ["Quarter", "Outline case", "This case", "Cumulative", "Remaining"],
            rows,
        )
        book.p(
            f"The estimate for {part.lower()} was checked by a second surveyor, who came within {rnd.uniform(0.8, 3.9):.1f} per cent of it."
        )


def _delivery(book: Book, rnd: random.Random) -> None:
    book.h1("Delivery")
    book.table("Milestones", ["Milestone", "Date", "Owner"], [
        ["Board approval", "17 December 2026", "Dame Honora Whitcombe"], ["Planning conditions discharged", "April 2027", "Tomasz Weller"],
        ["Enabling works", "May 2027", "Tomasz Weller"], ["Frame complete", "November 2028", "Contractor"],
        ["Weathertight", "June 2029", "Contractor"], ["Commissioning starts", "August 2030", "Ines Calloway"], ["Opening", "March 2031", "Prof. Adaeze Lindqvist"]])  # fmt: skip
    for phase in ("Enabling works", "Frame and envelope", "Fit-out", "Commissioning", "Moving in"):
        book.h2(phase)
        book.p(f"{phase} takes {rnd.randint(5, 16)} months. Deliveries arrive at Mill Lane between 09:30 and 15:00 so that ambulances keep the main gate. "
               f"Noise above 70 dB is limited to {rnd.randint(2, 4)} hours a day and agreed with the wards a week ahead.",
               "A named nurse sits in the site office every morning; anything that reaches a patient is stopped first and discussed afterwards.")  # fmt: skip


def _risks(book: Book, rnd: random.Random) -> None:
    book.h1("Risks")
    risks = ["Ground gas under the old laundry", "Steam main fails before 2030", "Contractor insolvency", "Theatre staff shortage", "Crane over-sailing rights",
             "Birth forecast too high", "MRI delivery route", "Planning condition on the lime trees", "Interest rates", "Asbestos in the link corridor",
             "Data network cut-over", "Winter pressure during the move", "Change of ventilation standard", "Bridge steel price"]  # fmt: skip
    book.table("Register", ["No.", "Risk", "Likelihood", "Impact", "£m", "Response", "Owner"], [
        [f"{i:02}", risk, rnd.randint(1, 5), rnd.randint(1, 5), rnd.uniform(0.2, 4.4),
         rnd.choice(["Survey before contract", "Fixed price", "Stand-by boiler hired", "Float in programme", "Early agreement", "Reviewed monthly"]),
         rnd.choice(["T. Weller", "I. Calloway", "M. Okafor-Hale", "A. Lindqvist"])] for i, risk in enumerate(risks, 1)])  # fmt: skip
    book.p(
        "A thousand simulated programmes give an eighty per cent chance of opening by May 2031 and of staying within £291 million."
    )


def _rooms(book: Book, rnd: random.Random, count: int) -> None:
    book.h1("Annex: room data sheets", numbered=False)
    kinds = [(department, room) for department, rooms in DEPARTMENTS.items() for room in rooms]
    for number in range(count):
        department, room = kinds[number * len(kinds) // count]
        sheet, area = Book(), rnd.uniform(9, 62)
        sheet.facts(
            (f"{area:.1f} m²", "net area"),
            (f"{rnd.uniform(2.6, 3.2):.2f} m", "clear height"),
            (f"{rnd.randint(19, 26)} °C", "set point"),
        )
        sheet.p(f"{department}. Floor: {rnd.choice(FINISHES)}. Ceiling: {rnd.choice(['sealed plasterboard', 'hygienic tile', 'metal tray, perforated'])}. "
                f"Doors: {rnd.choice(['1.5 leaf', 'double, automatic', 'sliding, hands-free'])}, clear width {rnd.uniform(1.0, 1.8):.2f} m.")  # fmt: skip
        for words in rnd.sample(NEEDS, 4):
            sheet.p(
                words.format(
                    d=rnd.randint(1, 2),
                    c=rnd.randint(60, 80),
                    s=rnd.randint(42, 52),
                    v=rnd.randint(6, 22),
                    l=rnd.randint(300, 1000),
                )
            )
        sheet.table("Equipment", ["Item", "Number", "Group", "Fixed by", "£ each"],
                    [[item, rnd.randint(1, 6), rnd.randint(1, 3), rnd.choice(["contractor", "hospital", "supplier"]), rnd.uniform(60, 9400)]
                     for item in rnd.sample(ITEMS, 8)])  # fmt: skip
        sheet.figure(bars(["06", "09", "12", "15", "18", "21", "00", "03"], [("Expected use, %", [rnd.uniform(10, 98) for _ in range(8)])], "%", (640, 170)),
                     "Expected use over the day")  # fmt: skip
        book.card(f"{number // 100 + 1}.{number % 100 + 1:03}  {room}", sheet)
