package remonlinetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// seed fills the account with a firm that repairs and cleans flats in three
// cities.
func (a *Account) seed(seed uint64) {
	a.locations = []Location{
		{40117, "Тверь", "Тверь, ул. Советская, 11", "Europe/Moscow", false},
		{40118, "Москва", "Москва, ул. Лесная, 5", "Europe/Moscow", false},
		{40119, "Калининград", "Калининград, пр. Мира, 70", "Europe/Kaliningrad", false},
		{40120, "Тверь (склад)", "Тверь, ул. Заводская, 2", "Europe/Moscow", true},
	}
	a.statuses = []Status{
		{910001, "Новый", "#2288ee", 1},
		{910002, "Диагностика", "#eeaa22", 2},
		{910003, "В работе", "#eeaa22", 2},
		{910004, "На согласовании", "#999999", 3},
		{910005, "Ждёт материалы", "#999999", 3},
		{910006, "Готов", "#33aa55", 4},
		{910007, "Выезд мастера", "#33aa55", 5},
		{910008, "Выдан", "#117733", 6},
		{910009, "Отказ: цена", "#cc3344", 7},
		{910010, "Отказ: сроки", "#cc3344", 7},
	}
	a.types = []OrderType{{55001, "Платный"}, {55002, "Гарантийный"}}
	a.employees = []Employee{
		{301, "Ирина", "Соколова", true},
		{302, "Анна", "Ли", true},
		{305, "Пётр", "Белов", true},
		{306, "Олег", "Зимин", false},
	}
	a.fields = []Field{{700101, "Квартира", 1}, {700102, "Пробег", 6}}
	r := rand.New(rand.NewPCG(seed, 0x524f)) //nolint:gosec // invented data
	start := a.now().AddDate(0, 0, -90)
	a.seedContacts(r, start)
	for i := range a.opts.Orders {
		at := start.Add(time.Duration(i) * 90 * 24 * time.Hour / time.Duration(a.opts.Orders)).Truncate(time.Minute)
		a.addOrder(a.invent(r, i, at))
	}
}

func (a *Account) seedContacts(r *rand.Rand, at time.Time) {
	first := []string{"Ольга", "Мария", "Анна", "Елена", "Нина", "Вера", "Дарья", "Юлия"}
	last := []string{"Ким", "Орлова", "Громова", "Лисина", "Павлова", "Рощина", "Белая"}
	for i := range 56 {
		c := Contact{
			ID: 880_101 + int64(i), FirstName: first[i%len(first)], LastName: last[i%len(last)],
			Email: fmt.Sprintf("client%d@example.com", i+1), Phones: []string{"+7903" + digits(r, 7)},
			CreatedAt: at, ModifiedAt: at,
		}
		if i%9 == 4 {
			c.Phones = append(c.Phones, "8 (910) "+digits(r, 3)+"-"+digits(r, 2)+"-"+digits(r, 2))
		}
		a.contacts = append(a.contacts, c)
	}
	for i, name := range []string{`ООО "Квартирный вопрос"`, "Отель Волга", "УК Маяк"} {
		a.contacts = append(a.contacts, Contact{
			ID: 880_901 + int64(i), Organization: true, Name: name, Email: fmt.Sprintf("office%d@example.com", i+1),
			Phones: []string{"+7495" + digits(r, 7)}, TaxID: "69" + digits(r, 8), CreatedAt: at, ModifiedAt: at,
		})
	}
}

func digits(r *rand.Rand, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = "0123456789"[r.IntN(10)]
	}
	return string(out)
}

// shares are how many orders of a hundred are in each status, in order.
var shares = []int{8, 6, 14, 6, 5, 8, 3, 36, 9, 5}

func (a *Account) invent(r *rand.Rand, i int, at time.Time) Order {
	services := []Item{
		{Title: "Уборка 2к", Price: 430_000, Cost: 180_000},
		{Title: "Генеральная уборка", Price: 890_000, Cost: 410_050},
		{Title: "Ремонт смесителя", Price: 250_000, Cost: 90_000},
		{Title: "Замена замка", Price: 620_000, Cost: 275_500},
	}
	products := []Item{
		{Title: "Смеситель", Product: true, Price: 349_990, Cost: 260_000},
		{Title: "Комплект белья", Product: true, Price: 199_900, Cost: 121_333},
		{Title: "Герметик, кг", Product: true, Price: 78_000, Cost: 51_250},
	}
	o := Order{
		StatusID:   a.statuses[pick(r, shares)].ID,
		TypeID:     a.types[pick(r, []int{9, 1})].ID,
		LocationID: a.locations[pick(r, []int{5, 3, 2})].ID,
		ClientID:   a.contacts[r.IntN(len(a.contacts))].ID,
		ManagerID:  a.employees[r.IntN(2)].ID, AssigneeID: a.employees[2].ID,
		CreatedAt: at, ModifiedAt: at.Add(time.Duration(r.IntN(72)) * time.Hour), DueDate: at.Add(96 * time.Hour),
		Malfunction: "Уборка после выезда", Urgent: i%11 == 0,
		CustomFields: map[string]any{"f700101": "кв. " + strconv.Itoa(1+r.IntN(90))},
	}
	if o.ModifiedAt.After(a.now()) {
		o.ModifiedAt = a.now()
	}
	item := services[r.IntN(len(services))]
	item.Quantity = 1000
	o.Items = append(o.Items, item)
	if r.IntN(3) == 0 {
		item := products[r.IntN(len(products))]
		item.Quantity = int64(1+r.IntN(5)) * 250
		o.Items = append(o.Items, item)
	}
	if r.IntN(5) == 0 {
		o.Discount = int64(1+r.IntN(4)) * 10_000
	}
	o.EstimatedPrice = fmt.Sprintf("%d-%d", o.Total()/100, o.Total()/100+500)
	if group := a.group(o.StatusID); group >= 4 && group <= 6 {
		o.DoneAt, o.Paid = o.ModifiedAt, o.Total()
	}
	if a.group(o.StatusID) >= 6 {
		o.ClosedAt = o.ModifiedAt
	}
	return o
}

func (a *Account) group(statusID int64) int {
	for _, s := range a.statuses {
		if s.ID == statusID {
			return s.Group
		}
	}
	return 0
}

// pick returns an index by weight.
func pick(r *rand.Rand, weights []int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := r.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return 0
}

func orderNumber(id int64) string { return fmt.Sprintf("TV-%04d", id%10_000) }
