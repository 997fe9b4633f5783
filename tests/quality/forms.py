"""Filled-in forms: labels beside, above and below values, check boxes, yes/no answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, Field

from .document import Document, page
from .marks import (
    GREY,
    MONO,
    NAVY,
    PALE,
    SANS,
    SERIF,
    WHITE,
    Box,
    Face,
    Rule,
    Text,
    below,
    lines,
    pairs,
    tick,
)


class Employee(BaseModel):
    first_name: str
    last_name: str
    date_of_birth: date
    job_title: str
    department: str
    start_date: date
    salary: Decimal = Field(description="Annual salary")
    emergency_contact: str
    middle_name: str | None = None


class Patient(BaseModel):
    full_name: str
    age: int
    phone: str
    allergies: str
    smoker: bool
    pregnant: bool
    weight_kg: float


class Move(BaseModel):
    name: str
    old_address: str
    new_address: str
    city: str
    postcode: str
    effective_date: date


class Fuel(StrEnum):
    PETROL = "petrol"
    DIESEL = "diesel"
    ELECTRIC = "electric"


class Inspection(BaseModel):
    registration: str
    make: str
    model: str
    mileage: int
    fuel_type: Fuel
    brakes_ok: bool = Field(description="Brakes passed")
    lights_ok: bool = Field(description="Lights passed")
    inspector: str
    valid_until: date


class Registration(BaseModel):
    attendee: str
    organisation: str
    email: str
    ticket_type: str
    vegetarian: bool
    newsletter: bool


class Customs(BaseModel):
    sender: str
    recipient: str
    country: str
    contents: str
    declared_value: Decimal
    weight: float = Field(description="Weight in kg")
    gift: bool


class Claim(BaseModel):
    policy_number: str
    claimant: str
    date_of_loss: date
    location_of_loss: str
    estimated_damage: Decimal
    police_report: bool
    witnesses: int
    second_driver: str | None = None


class Loan(BaseModel):
    applicant: str
    occupation: str
    monthly_income: Decimal
    loan_amount: Decimal
    term_months: int
    interest_rate: float
    homeowner: bool


def _employee() -> Document:
    truth = Employee(
        first_name="Marisol",
        last_name="Quintana",
        date_of_birth=date(1991, 7, 23),
        job_title="Process Engineer",
        department="Manufacturing",
        start_date=date(2024, 9, 2),
        salary=Decimal("78500"),
        emergency_contact="Luis Quintana, 555-0173",
    )
    rows = [
        ("First name:", "Marisol"),
        ("Last name:", "Quintana"),
        ("Date of birth:", "23 July 1991"),
        ("Job title:", "Process Engineer"),
        ("Department:", "Manufacturing"),
        ("Start date:", "2 September 2024"),
        ("Annual salary:", "$78,500"),
        ("Emergency contact:", "Luis Quintana, 555-0173"),
    ]
    sheet = page(
        480,
        400,
        [Text(40, 56, "New Employee Registration", 18, "Helvetica-Bold")],
        [Rule(40, 66, 440, 66, 1.2)],
        pairs(40, 104, rows, Face(size=11), value_x=170, gap=2.2),
        lines(40, 345, ["Signature: ______________________"], SANS),
        lines(40, 375, ["Form HR-12, revision 4"], Face(size=8), colour=GREY),
    )
    return Document("form-employee", "form", Employee, truth, (sheet,), "png", 2.0)


def _patient() -> Document:
    truth = Patient(
        full_name="Harold Jennings",
        age=64,
        phone="(414) 555-0162",
        allergies="Penicillin",
        smoker=False,
        pregnant=False,
        weight_kg=81.5,
    )
    cells = [
        [("Full name", "Harold Jennings"), ("Age", "64")],
        [("Phone", "(414) 555-0162"), ("Weight (kg)", "81.5")],
        [("Allergies", "Penicillin"), ("Pregnant", "No")],
        [("Smoker", "No"), ("Blood pressure", "128/82")],
    ]
    sheet = page(
        480,
        340,
        [Box(0, 0, 480, 50, NAVY, None), Text(24, 33, "PATIENT INTAKE", 18, "Helvetica-Bold", colour=WHITE)],
        below(24, 76, cells, Face(size=13), widths=(260, 170), row_height=48, boxed=True, label_size=8.5),
        lines(24, 310, ["Please hand this form to reception."], SANS, colour=GREY),
    )
    return Document("form-patient", "form", Patient, truth, (sheet,), "png", 2.0)


def _move() -> Document:
    truth = Move(
        name="Aoife Brennan",
        old_address="27 Merrion Road",
        new_address="5 Strand Terrace",
        city="Galway",
        postcode="H91 X4RK",
        effective_date=date(2024, 8, 15),
    )
    rows = [
        ("Name", "Aoife Brennan"),
        ("Old address", "27 Merrion Road"),
        ("New address", "5 Strand Terrace"),
        ("City", "Galway"),
        ("Postcode", "H91 X4RK"),
        ("Effective date", "15/08/2024"),
    ]
    sheet = page(
        460,
        330,
        [Text(230, 48, "CHANGE OF ADDRESS", 17, "Times-Bold", "centre")],
        pairs(50, 100, rows, Face("Times-Roman", "Times-Bold", 13), value_x=190, gap=2.3, bold_label=True),
        [Rule(188, 106 + n * 29.9, 410, 106 + n * 29.9, 0.5, GREY) for n in range(6)],
        paper=(247, 246, 238),
    )
    return Document("form-move", "form", Move, truth, (sheet,), "jpeg", 2.0)


def _inspection() -> Document:
    truth = Inspection(
        registration="KX19 VNB",
        make="Skoda",
        model="Octavia",
        mileage=61240,
        fuel_type=Fuel.DIESEL,
        brakes_ok=True,
        lights_ok=False,
        inspector="P. Hargreaves",
        valid_until=date(2025, 6, 30),
    )
    left = [("Registration", "KX19 VNB"), ("Make", "Skoda"), ("Model", "Octavia"), ("Mileage", "61,240")]
    right = [("Fuel type", "Diesel"), ("Inspector", "P. Hargreaves"), ("Valid until", "30 Jun 2025")]
    sheet = page(
        540,
        360,
        lines(40, 50, ["Vehicle Inspection Report"], Face(size=18), bold=True),
        pairs(40, 100, left, Face(size=11), value_x=130, gap=2.1, bold_label=True),
        pairs(300, 100, right, Face(size=11), value_x=390, gap=2.1, bold_label=True),
        [Rule(40, 195, 500, 195)],
        lines(40, 222, ["Checklist"], Face(size=12), bold=True),
        pairs(
            40,
            250,
            [("Brakes passed", "Yes"), ("Lights passed", "No"), ("Tyres passed", "Yes")],
            Face(size=11),
            value_x=200,
            gap=1.9,
        ),
    )
    return Document("form-inspection", "form", Inspection, truth, (sheet,), "png", 2.0)


def _registration() -> Document:
    truth = Registration(
        attendee="Wen Li Tan",
        organisation="Straits Biotech",
        email="wenli.tan@straitsbio.sg",
        ticket_type="Two-day pass",
        vegetarian=True,
        newsletter=False,
    )
    rows = [
        ("Attendee", "Wen Li Tan"),
        ("Organisation", "Straits Biotech"),
        ("E-mail", "wenli.tan@straitsbio.sg"),
        ("Ticket type", "Two-day pass"),
    ]
    sheet = page(
        460,
        330,
        [Text(36, 50, "Event Registration", 20, "Times-Bold")],
        lines(36, 68, ["Coastal Science Forum 2024"], SERIF, colour=GREY),
        pairs(36, 110, rows, SERIF, value_x=130, gap=2.2),
        tick(36, 224, 12, "Vegetarian", True, SERIF),
        tick(36, 248, 12, "Newsletter", False, SERIF),
        lines(36, 300, ["Tick what applies."], Face("Times-Italic", size=10)),
    )
    return Document("form-event", "form", Registration, truth, (sheet,), "png", 2.2)


def _customs() -> Document:
    truth = Customs(
        sender="Petra Novak",
        recipient="James Whitfield",
        country="United Kingdom",
        contents="Ceramic vase",
        declared_value=Decimal("85.00"),
        weight=2.4,
        gift=True,
    )
    cells = [
        [("From (sender)", "Petra Novak"), ("To (recipient)", "James Whitfield")],
        [("Contents", "Ceramic vase"), ("Country", "United Kingdom")],
        [("Declared value", "EUR 85.00"), ("Weight", "2.4 kg")],
    ]
    sheet = page(
        440,
        290,
        lines(20, 36, ["CUSTOMS DECLARATION"], Face(size=14), bold=True),
        lines(420, 36, ["CN 22"], Face(size=14), bold=True, align="right"),
        below(20, 52, cells, Face(size=12), widths=(200, 200), row_height=46, boxed=True, label_size=8),
        lines(20, 218, ["Gift: [X] yes  [ ] no"], Face(size=12)),
        lines(20, 262, ["Signed: P. Novak, Brno"], SANS),
        paper=(236, 244, 232),
    )
    return Document("form-customs", "form", Customs, truth, (sheet,), "jpeg", 2.2)


def _claim() -> Document:
    truth = Claim(
        policy_number="HX-448-90213",
        claimant="Beatrice Lowell",
        date_of_loss=date(2024, 1, 27),
        location_of_loss="Route 9, Framingham",
        estimated_damage=Decimal("3450.00"),
        police_report=True,
        witnesses=2,
    )
    rows = [
        ("Policy number", "HX-448-90213"),
        ("Claimant", "Beatrice Lowell"),
        ("Date of loss", "January 27, 2024"),
        ("Location of loss", "Route 9, Framingham"),
        ("Estimated damage", "$3,450.00"),
        ("Police report", "Yes"),
        ("Witnesses", "2"),
    ]
    sheet = page(
        500,
        370,
        [Box(40, 30, 460, 62, PALE, None), Text(52, 51, "AUTO CLAIM FORM", 14, "Courier-Bold")],
        pairs(40, 100, rows, Face("Courier", "Courier-Bold", 11), value_x=220, gap=2.4),
        lines(40, 330, ["For office use only"], MONO, colour=GREY),
    )
    return Document("form-claim-scan", "form", Claim, truth, (sheet,), "scan", 2.08)


def _loan() -> Document:
    truth = Loan(
        applicant="Kwame Mensah",
        occupation="Electrician",
        monthly_income=Decimal("4200"),
        loan_amount=Decimal("15000"),
        term_months=48,
        interest_rate=6.9,
        homeowner=False,
    )
    rows = [
        ("Applicant", "Kwame Mensah"),
        ("Occupation", "Electrician"),
        ("Monthly income", "€ 4,200"),
        ("Loan amount", "€ 15,000"),
        ("Term (months)", "48"),
        ("Interest rate", "6.9 %"),
        ("Homeowner", "no"),
    ]
    sheet = page(
        595,
        842,
        [Text(60, 90, "Personal Loan Application", 20, "Helvetica-Bold")],
        lines(60, 120, ["Complete all sections in block letters or type."], SANS, colour=GREY),
        pairs(60, 180, rows, Face(size=12), value_x=535, align="right", gap=2.5),
        [Rule(60, 190 + n * 30, 535, 190 + n * 30, 0.4, GREY) for n in range(7)],
    )
    return Document("form-loan-pdf", "form", Loan, truth, (sheet,), "pdf")


FORMS = (
    _employee(),
    _patient(),
    _move(),
    _inspection(),
    _registration(),
    _customs(),
    _claim(),
    _loan(),
)
